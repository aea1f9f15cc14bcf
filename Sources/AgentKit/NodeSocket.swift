import Glibc

/// The socket file of a running node.
enum NodeSocket {
    private static let lineMax = 4_096

    static func environment(_ name: String) -> String? {
        guard let value = getenv(name).map({ String(cString: $0) }), !value.isEmpty else {
            return nil
        }
        return value
    }

    static var usualDirectory: String {
        let home = environment("HOME") ?? ""
        guard let path = environment("PEER_AGENT_HOME") else { return home + "/.peer-agent" }
        return path.hasPrefix("~/") ? home + path.dropFirst(1) : path
    }

    static func open(_ dataDirectory: String) throws(AgentError) -> Int32 {
        let path = dataDirectory + "/node.sock"
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        let fits = withUnsafeMutableBytes(of: &address.sun_path) { buffer in
            guard path.utf8.count < buffer.count else { return false }
            buffer.copyBytes(from: path.utf8)
            return true
        }
        guard fits else { throw .unreachable("\(path) is too long for a socket file") }
        let made = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue) | O_CLOEXEC, 0)
        guard made >= 0 else { throw .unreachable("no socket: error \(errno)") }
        let result = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                Glibc.connect(made, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
            }
        }
        guard result == 0 else {
            let problem = errno
            close(made)
            throw .unreachable(
                "nobody listens at \(path) (error \(problem)); start one with: peer-agent run")
        }
        signal(SIGPIPE, SIG_IGN)
        return made
    }

    /// One line, read byte by byte so that nothing behind it is taken.
    static func line(_ socket: Int32) throws(AgentError) -> [UInt8] {
        var line: [UInt8] = []
        var byte: UInt8 = 0
        while line.count < lineMax {
            let count = read(socket, &byte, 1)
            if count < 0 && errno == EINTR { continue }
            guard count == 1 else { throw .disconnected }
            if byte == 0x0A { return line }
            line.append(byte)
        }
        throw .badAnswer("the greeting is too long")
    }
}
