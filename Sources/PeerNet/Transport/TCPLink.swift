import CLibuv
import Glibc
package import PeerState

/// One TCP connection, dialled or accepted.
///
/// - Isolation: loop thread only; callbacks too.
package final class TCPLink: ByteStream {
    /// The other end as a number; what limits per address count.
    package private(set) var remote: Address?
    /// Smaller in tests.
    package var stalledTimeout = Limits.stalledTimeout
    private var linger: Timer?

    init(_ loop: EventLoop) throws(NetFailure) {
        try super.init(loop, UV_TCP) {
            uv_tcp_init($0, $1.assumingMemoryBound(to: uv_tcp_t.self))
        }
    }

    private var tcp: UnsafeMutablePointer<uv_tcp_t> { pointer(uv_tcp_t.self) }

    /// Connects to `address`; the answer comes later, exactly once, unless the dial is cancelled.
    package static func dial(
        _ address: Address, on loop: EventLoop, timeout: Milliseconds = Limits.dialTimeout,
        completion: @escaping (Result<TCPLink, NetFailure>) -> Void
    ) throws(NetFailure) -> Dial {
        try Dial(address, on: loop, timeout: timeout, completion: completion)
    }

    func accept(from listener: UnsafeMutablePointer<uv_stream_t>) -> Bool {
        guard uv_accept(listener, pointer(uv_stream_t.self)) == 0 else { return false }
        didConnect()
        return true
    }

    func connect(
        to address: SocketAddress, completion: @escaping (NetFailure?) -> Void
    ) {
        let request = ConnectRequest(completion)
        let result = address.withPointer {
            uv_tcp_connect(request.start(), tcp, $0, ConnectRequest.ended)
        }
        guard result != 0 else { return }
        request.abandon()
        completion(NetFailure(.dialFailed, libuvText(result)))
    }

    /// Small records must not wait for acknowledgements of earlier ones.
    func didConnect() {
        uv_tcp_nodelay(tcp, 1)  // Without it the link is only slower.
        keepLittleUnsent()
        remote = SocketAddress { uv_tcp_getpeername(self.tcp, $0, $1) }?.address
    }

    /// Keeps what the kernel holds back small, so that what is said does not wait behind a file.
    private func keepLittleUnsent() {
        var descriptor: Int32 = -1
        guard uv_fileno(pointer(uv_handle_t.self), &descriptor) == 0 else { return }
        var limit = Int32(Limits.unsentBytes)
        // Where it is refused the link is only less prompt.
        _ = setsockopt(
            descriptor, Int32(IPPROTO_TCP), TCP_NOTSENT_LOWAT, &limit,
            socklen_t(MemoryLayout<Int32>.size))
    }

    /// Sends what is queued as long as the other side takes any of it, then closes.
    package override func finish() {
        super.finish()
        guard isFinishing, !isClosing, linger == nil else { return }
        wait(stalledTimeout) { [weak self, unsent = queuedBytes] in self?.stalled(unsent) }
    }

    /// A reader who has stopped would hold what is queued for ever.
    private func stalled(_ before: Int) {
        guard queuedBytes < before else {
            return close(NetFailure(.timeout, "the other side does not read"))
        }
        wait(stalledTimeout) { [weak self, unsent = queuedBytes] in self?.stalled(unsent) }
    }

    /// Says that no more comes and waits a little for the other side: closing with unread bytes
    /// would make the kernel reset the connection and lose what was just sent.
    override func didFlush() {
        // Who was told nothing loses nothing.
        guard hasWritten else { return close() }
        let request = UnsafeMutablePointer<uv_shutdown_t>.allocate(capacity: 1)
        let result = uv_shutdown(request, pointer(uv_stream_t.self)) { request, _ in
            request?.deallocate()
        }
        guard result == 0 else {
            request.deallocate()
            return close()
        }
        wait(Limits.lingerTimeout) { [weak self] in self?.close() }
        if !isClosing { resumeReading() }
    }

    private func wait(_ time: Milliseconds, then body: @escaping () -> Void) {
        linger?.close()
        do throws(NetFailure) {
            let timer = try Timer(loop, onFire: body)
            linger = timer
            timer.arm(at: loop.now + time)
        } catch {
            close(error)
        }
    }

    override func didClose() {
        linger?.close()
        linger = nil
        super.didClose()
    }
}
