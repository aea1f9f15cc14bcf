import Glibc
import PeerState

/// Connects to the socket file of the node that runs on a data directory.
enum SocketFile {
    static func path(in dataDirectory: String) -> String { dataDirectory + "/node.sock" }

    /// - Parameter timeoutSeconds: of a single read or write; `nil` = none.
    /// - Returns: a descriptor that the caller closes, or −1 with `errno` when nobody listens.
    static func connect(_ path: String, timeoutSeconds: Int?) -> Int32 {
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        let fits = withUnsafeMutableBytes(of: &address.sun_path) { buffer in
            guard path.utf8.count < buffer.count else { return false }
            buffer.copyBytes(from: path.utf8)
            return true
        }
        guard fits else {
            errno = ENAMETOOLONG
            return -1
        }
        let made = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue) | O_CLOEXEC, 0)
        guard made >= 0 else { return -1 }
        if let timeoutSeconds { limit(made, seconds: timeoutSeconds) }
        let result = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                Glibc.connect(made, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
            }
        }
        guard result == 0 else {
            let problem = errno
            close(made)
            errno = problem
            return -1
        }
        return made
    }

    private static func limit(_ socket: Int32, seconds: Int) {
        var limit = timeval(tv_sec: seconds, tv_usec: 0)
        let size = socklen_t(MemoryLayout<timeval>.size)
        setsockopt(socket, SOL_SOCKET, SO_RCVTIMEO, &limit, size)
        setsockopt(socket, SOL_SOCKET, SO_SNDTIMEO, &limit, size)
    }
}
