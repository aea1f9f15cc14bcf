import CLibuv
import PeerState

/// One open libuv handle: its memory, its owner and its single close.
///
/// While the handle is open libuv keeps the owner alive; the callback of `uv_close` lets go.
/// So whoever opens one also closes it, or stops the loop, which closes all.
/// - Isolation: loop thread only.
package class Handle {
    package let loop: EventLoop
    private let memory: UnsafeMutableRawPointer
    package private(set) var isClosing = false

    /// - Errors: `noDescriptor` when libuv refuses, `shuttingDown` on a loop that stops.
    init(
        _ loop: EventLoop, _ type: uv_handle_type,
        open: (UnsafeMutablePointer<uv_loop_t>, UnsafeMutableRawPointer) -> Int32
    ) throws(NetFailure) {
        loop.checkIsolated()
        self.loop = loop
        memory = .allocate(byteCount: uv_handle_size(type), alignment: 16)
        guard !loop.state.isStopping else {
            memory.deallocate()
            throw NetFailure(.shuttingDown, "the event loop stops")
        }
        let result = open(loop.state.uv, memory)
        guard result == 0 else {
            memory.deallocate()
            throw NetFailure(.noDescriptor, libuvText(result))
        }
        pointer(uv_handle_t.self).pointee.data = Unmanaged.passRetained(self).toOpaque()
        loop.state.openHandles += 1
    }

    /// The handle under one of the types that C would cast it to.
    func pointer<Kind>(_: Kind.Type) -> UnsafeMutablePointer<Kind> {
        memory.assumingMemoryBound(to: Kind.self)
    }

    /// Begins to close; later calls do nothing.
    func closeHandle() {
        loop.checkIsolated()
        guard !isClosing else { return }
        isClosing = true
        uv_close(pointer(uv_handle_t.self)) { handle in
            guard let data = handle?.pointee.data else { return }
            Unmanaged<Handle>.fromOpaque(data).takeRetainedValue().released()
        }
    }

    private func released() {
        memory.deallocate()
        loop.state.openHandles -= 1
        didClose()
    }

    /// The loop stops: close with whatever reason fits.
    func stop() { closeHandle() }

    /// libuv has let go; requests on the handle have all ended before.
    func didClose() {}
}

/// libuv's own words for a result, such as "connection refused".
func libuvText(_ result: Int32) -> String {
    guard let text = uv_strerror(result) else { return "error \(result)" }
    return String(cString: text)
}
