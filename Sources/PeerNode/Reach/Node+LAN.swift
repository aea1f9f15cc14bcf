import PeerNet
import PeerState

// Discovery in the local network.
extension Node {
    /// Sends beacons and listens for them, unless the operator or the addresses say otherwise.
    ///
    /// - Errors: none that matters: without discovery a node runs as well.
    func startLAN(_ listening: Address) {
        guard options.findsLAN else { return }
        let interfaces = LANInterface.forBeacons(
            listeningAt: listening.host, chosen: options.lanInterface,
            among: LANInterface.all())
        if interfaces.isEmpty {
            if let chosen = options.lanInterface {
                log.log(.warning, "discovery: this machine has no address \(chosen)")
            }
            return
        }
        do {
            let announcer = try LANAnnouncer(
                loop, network: options.network, port: listening.port, group: options.lanPort,
                interfaces: interfaces, random: SeededRandom(seed: core.drawSeed()),
                onRefused: { log.log(.info, "discovery: \($0)") },
                onDial: { self.feed(.discovered(address: $0)) })
            lan = announcer
            let hosts = interfaces.map(\.host).joined(separator: ", ")
            log.log(.info, "discovery: \(announcer.interfaceCount) interfaces of \(hosts)")
        } catch {
            log.log(.warning, "discovery is off: \(error)")
        }
    }
}
