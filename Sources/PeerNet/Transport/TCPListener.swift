import CLibuv
import PeerState

/// Accepts TCP connections at one address and hands each over at once.
///
/// - Isolation: loop thread only; the callback too. Limits are for whoever receives the links
///   (`HalfOpenGuard`): a link that is refused is closed by its receiver.
package final class TCPListener: Handle {
    /// Where it really listens, with the port that the system chose for port 0.
    package private(set) var address: Address
    private var onAccept: ((TCPLink) -> Void)?

    /// - Errors: `listenFailed` for a host that is no number, or when the system refuses.
    package init(
        _ loop: EventLoop, at address: Address, onAccept: @escaping (TCPLink) -> Void
    ) throws(NetFailure) {
        self.address = address
        self.onAccept = onAccept
        guard let number = SocketAddress(address) else {
            throw NetFailure(.listenFailed, "\(address): a listener needs a numeric host")
        }
        try super.init(loop, UV_TCP) {
            uv_tcp_init($0, $1.assumingMemoryBound(to: uv_tcp_t.self))
        }
        let tcp = pointer(uv_tcp_t.self)
        var result = number.withPointer { uv_tcp_bind(tcp, $0, 0) }
        if result == 0 {
            result = uv_listen(pointer(uv_stream_t.self), Limits.listenBacklog) { stream, status in
                guard let data = stream?.pointee.data else { return }
                Unmanaged<TCPListener>.fromOpaque(data).takeUnretainedValue().accept(status)
            }
        }
        guard result == 0, let bound = SocketAddress(filledBy: { uv_tcp_getsockname(tcp, $0, $1) }),
            let own = bound.address
        else {
            closeHandle()
            throw NetFailure(.listenFailed, "\(address): \(libuvText(result))")
        }
        self.address = own
    }

    /// Stops to listen; links already handed over stay.
    package func close() {
        onAccept = nil
        closeHandle()
    }

    private func accept(_ status: Int32) {
        // A connection that died in the queue, or no descriptor left: libuv has dropped it.
        guard status == 0 else { return }
        do throws(NetFailure) {
            let link = try TCPLink(loop)
            guard link.accept(from: pointer(uv_stream_t.self)), let onAccept else {
                return link.close()
            }
            onAccept(link)
        } catch {
            close()  // The loop stops; nothing else refuses a TCP handle.
        }
    }

    override func didClose() { onAccept = nil }
}
