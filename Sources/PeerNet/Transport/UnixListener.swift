import CLibuv
import Glibc
import PeerState

/// Accepts connections of programs on this machine at a path in the file system.
///
/// - Isolation: loop thread only; the callback too.
package final class UnixListener: Handle {
    /// Bytes of a path that a Unix socket address holds.
    package static let maxPath = 107

    private let path: String
    private var onAccept: ((ByteStream) -> Void)?

    /// Replaces a socket that an earlier run has left, never a file of another kind. Mode 0600.
    ///
    /// - Errors: `listenFailed`.
    package init(
        _ loop: EventLoop, at path: String, onAccept: @escaping (ByteStream) -> Void
    ) throws(NetFailure) {
        self.path = path
        self.onAccept = onAccept
        guard (1...Self.maxPath).contains(path.utf8.count) else {
            throw NetFailure(.listenFailed, "a socket path has 1 to \(Self.maxPath) bytes")
        }
        try super.init(loop, UV_NAMED_PIPE) {
            uv_pipe_init($0, $1.assumingMemoryBound(to: uv_pipe_t.self), 0)
        }
        Self.removeSocket(path)
        var result = uv_pipe_bind(pointer(uv_pipe_t.self), path)
        // Nobody can connect before the listen, so the mode is in time.
        if result == 0 && chmod(path, 0o600) != 0 { result = -errno }
        if result == 0 {
            result = uv_listen(pointer(uv_stream_t.self), Limits.listenBacklog) { stream, status in
                guard let data = stream?.pointee.data else { return }
                Unmanaged<UnixListener>.fromOpaque(data).takeUnretainedValue().accept(status)
            }
        }
        guard result == 0 else {
            closeHandle()
            throw NetFailure(.listenFailed, "\(path): \(libuvText(result))")
        }
    }

    /// Stops to listen; libuv removes the socket's file. Streams already handed over stay.
    package func close() {
        onAccept = nil
        closeHandle()
    }

    private static func removeSocket(_ path: String) {
        var status = stat()
        guard lstat(path, &status) == 0, status.st_mode & S_IFMT == S_IFSOCK else { return }
        unlink(path)  // What cannot be removed makes the bind fail.
    }

    private func accept(_ status: Int32) {
        guard status == 0 else { return }
        do throws(NetFailure) {
            let stream = try PipeStream(loop)
            guard uv_accept(pointer(uv_stream_t.self), stream.pointer(uv_stream_t.self)) == 0,
                let onAccept
            else { return stream.close() }
            onAccept(stream)
        } catch {
            close()  // The loop stops; nothing else refuses a pipe handle.
        }
    }

    override func didClose() { onAccept = nil }
}

extension UnixListener {
    /// Connects to a listener at `path`; the answer comes later, exactly once.
    package static func dial(
        _ path: String, on loop: EventLoop,
        completion: @escaping (Result<ByteStream, NetFailure>) -> Void
    ) throws(NetFailure) {
        guard (1...maxPath).contains(path.utf8.count) else {
            throw NetFailure(.dialFailed, "a socket path has 1 to \(maxPath) bytes")
        }
        let stream = try PipeStream(loop)
        let request = ConnectRequest { failure in
            guard let failure else { return completion(.success(stream)) }
            stream.close()
            completion(.failure(failure))
        }
        uv_pipe_connect(
            request.start(), stream.pointer(uv_pipe_t.self), path, ConnectRequest.ended)
    }
}
