package import PeerState

/// Carries LAN discovery on sockets: one on each interface, and the timer of the beacons.
///
/// - Isolation: loop thread only; the callback too. `close` ends it.
package final class LANAnnouncer {
    private var discovery: LANDiscovery
    private var sockets: [MulticastSocket] = []
    private var timer: Timer?
    private let loop: EventLoop
    private let onDial: (String) -> Void

    /// - Parameters:
    ///   - port: where peers are accepted.
    ///   - group: the port of the group; another one keeps tests among themselves.
    ///   - onRefused: why an interface is left out.
    /// - Errors: `noDescriptor`, `shuttingDown`.
    package init(
        _ loop: EventLoop, network: String, port: UInt16, group: UInt16 = LANBeacon.groupPort,
        interfaces: [LANInterface], random: SeededRandom, onRefused: (NetFailure) -> Void,
        onDial: @escaping (String) -> Void
    ) throws(NetFailure) {
        self.loop = loop
        self.onDial = onDial
        discovery = LANDiscovery(network: network, port: port, random: random)
        for interface in interfaces {
            do throws(NetFailure) {
                sockets.append(
                    try MulticastSocket(loop, on: interface, port: group) {
                        [weak self] packet, host in self?.feed(.packet(packet, host: host))
                    })
            } catch {
                onRefused(error)
            }
        }
        timer = try Timer(loop) { [weak self] in self?.feed(.timer) }
        feed(.timer)
    }

    /// Interfaces on which beacons are sent.
    package var interfaceCount: Int { sockets.count }

    /// Packets that were no beacon of this network, or that the system dropped.
    package var ignored: UInt64 { discovery.ignored + sockets.reduce(0) { $0 + $1.dropped } }

    package func close() {
        for socket in sockets { socket.close() }
        sockets = []
        timer?.close()
        timer = nil
    }

    private func feed(_ input: LANDiscovery.Input) {
        for effect in discovery.handle(input, now: SystemClock.moment()) {
            switch effect {
            case .multicast(let packet): for socket in sockets { socket.send(packet) }
            case .dial(let address): onDial(address)
            }
        }
        timer?.arm(at: discovery.nextDeadline)
    }
}
