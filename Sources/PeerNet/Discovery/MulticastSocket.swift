import CLibuv
import Glibc
import PeerState

/// Sends and receives small packets of one multicast group on one interface, hop limit 1.
///
/// - Shape: packets of at most `Limits.beaconBytes`; longer ones are dropped and counted.
/// - Isolation: loop thread only; the callback too. Others on this machine may join as well.
package final class MulticastSocket: Handle {
    /// Packets that were too long, or that the system refused to send or receive.
    package private(set) var dropped: UInt64 = 0
    private let target: SocketAddress
    private let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 2_048, alignment: 16)
    private var onPacket: (([UInt8], String) -> Void)?

    /// - Parameters:
    ///   - interface: the address of the interface, IPv4 or IPv6 (with its zone if link-local).
    ///   - onPacket: a packet, and the host it came from as an address shows it.
    /// - Errors: `listenFailed`.
    package init(
        _ loop: EventLoop, on interface: LANInterface, port: UInt16 = LANBeacon.groupPort,
        onPacket: @escaping ([UInt8], String) -> Void
    ) throws(NetFailure) {
        let group = interface.isV6 ? LANBeacon.groupV6 : LANBeacon.group
        let zone = interface.isV6 ? "%\(interface.name)" : ""
        guard let target = SocketAddress(Address(host: group + zone, port: port)) else {
            throw NetFailure(.listenFailed, "no multicast on \(interface.host)")
        }
        self.target = target
        self.onPacket = onPacket
        try super.init(loop, UV_UDP) {
            uv_udp_init($0, $1.assumingMemoryBound(to: uv_udp_t.self))
        }
        let result = join(group, interface)
        guard result == 0 else {
            closeHandle()
            throw NetFailure(
                .listenFailed, "multicast on \(interface.host): \(libuvText(result))")
        }
    }

    private var udp: UnsafeMutablePointer<uv_udp_t> { pointer(uv_udp_t.self) }

    private func join(_ group: String, _ interface: LANInterface) -> Int32 {
        let own = interface.isV6 ? "::%\(interface.name)" : interface.host
        // Bound to the group: nothing sent to this machine alone is read.
        let steps: [() -> Int32] = [
            {
                self.target.withPointer {
                    uv_udp_bind(self.udp, $0, UInt32(UV_UDP_REUSEADDR.rawValue))
                }
            },
            { uv_udp_set_membership(self.udp, group, own, UV_JOIN_GROUP) },
            { uv_udp_set_multicast_interface(self.udp, own) },
            { uv_udp_set_multicast_ttl(self.udp, 1) },
            { uv_udp_set_multicast_loop(self.udp, 1) },
            { uv_udp_recv_start(self.udp, MulticastSocket.allocate, MulticastSocket.received) },
        ]
        for step in steps {
            let result = step()
            if result != 0 { return result }
        }
        return 0
    }

    private static let allocate: uv_alloc_cb = { handle, _, buffer in
        guard let data = handle?.pointee.data else { return }
        let own = Unmanaged<MulticastSocket>.fromOpaque(data).takeUnretainedValue().buffer
        buffer?.pointee = uv_buf_init(
            own.baseAddress?.assumingMemoryBound(to: CChar.self), UInt32(own.count))
    }

    private static let received: uv_udp_recv_cb = { handle, count, _, from, flags in
        guard let data = handle?.pointee.data else { return }
        let own = Unmanaged<MulticastSocket>.fromOpaque(data).takeUnretainedValue()
        own.receive(count, from, isPartial: flags & UInt32(UV_UDP_PARTIAL.rawValue) != 0)
    }

    private func receive(_ count: Int, _ from: UnsafePointer<sockaddr>?, isPartial: Bool) {
        guard let from else {
            if count < 0 { dropped += 1 }
            return
        }
        let length =
            Int32(from.pointee.sa_family) == AF_INET6
            ? MemoryLayout<sockaddr_in6>.size : MemoryLayout<sockaddr_in>.size
        guard count > 0, count <= Limits.beaconBytes, !isPartial,
            let host = SocketAddress(from, length: length)?.scopedHost
        else {
            dropped += 1
            return
        }
        onPacket?(Array(buffer.prefix(count)), host)
    }

    /// Sends at once or not at all: a beacon that is lost is followed by the next one.
    package func send(_ packet: [UInt8]) {
        guard !isClosing else { return }
        var packet = packet
        let sent = packet.withUnsafeMutableBytes { bytes -> Int32 in
            var buffer = uv_buf_init(
                bytes.baseAddress?.assumingMemoryBound(to: CChar.self), UInt32(bytes.count))
            return target.withPointer { uv_udp_try_send(udp, &buffer, 1, $0) }
        }
        if sent < 0 { dropped += 1 }
    }

    package func close() {
        onPacket = nil
        closeHandle()
    }

    override func didClose() {
        onPacket = nil
        buffer.deallocate()
    }
}
