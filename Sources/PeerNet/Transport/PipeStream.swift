import CLibuv
import Glibc
import PeerState

/// A byte stream over a pipe, Unix socket or terminal that something else has opened.
///
/// - Isolation: loop thread only.
final class PipeStream: ByteStream {
    /// For a connection that is still to be made or accepted.
    init(_ loop: EventLoop) throws(NetFailure) {
        try super.init(loop, UV_NAMED_PIPE) {
            uv_pipe_init($0, $1.assumingMemoryBound(to: uv_pipe_t.self), 0)
        }
    }

    /// Takes over `descriptor`, also when it fails.
    init(pipe descriptor: Int32, _ loop: EventLoop) throws(NetFailure) {
        do throws(NetFailure) {
            try super.init(loop, UV_NAMED_PIPE) {
                uv_pipe_init($0, $1.assumingMemoryBound(to: uv_pipe_t.self), 0)
            }
        } catch {
            Glibc.close(descriptor)
            throw error
        }
        let result = uv_pipe_open(pointer(uv_pipe_t.self), descriptor)
        guard result == 0 else {
            Glibc.close(descriptor)
            closeHandle()
            throw NetFailure(.noDescriptor, libuvText(result))
        }
    }

    /// The same for a terminal, which libuv opens again so that other programs keep their mode.
    init(terminal descriptor: Int32, _ loop: EventLoop) throws(NetFailure) {
        do throws(NetFailure) {
            try super.init(loop, UV_TTY) {
                uv_tty_init($0, $1.assumingMemoryBound(to: uv_tty_t.self), descriptor, 0)
            }
        } catch {
            Glibc.close(descriptor)
            throw error
        }
    }
}
