import AgentServer
import Glibc
import PeerState

/// The node that runs on a data directory, as this user's commands reach it: over its socket file.
struct LocalNode {
    private static let answerMax = 8 << 20

    private let path: String
    private let timeoutSeconds: Int

    /// Returns `nil` when no node listens there.
    /// - Parameter timeoutSeconds: for an answer to begin.
    init?(dataDirectory: String, timeoutSeconds: Int = 10) {
        self.timeoutSeconds = timeoutSeconds
        path = SocketFile.path(in: dataDirectory)
        let socket = SocketFile.connect(path, timeoutSeconds: timeoutSeconds)
        guard socket >= 0 else { return nil }
        close(socket)
    }

    /// Asks one thing.
    ///
    /// - Errors: `nodeUnreachable`; `nodeRefused` with the node's own words.
    func ask(_ method: String, _ target: String, _ body: JSON? = nil) throws(CLIFailure) -> JSON {
        let socket = SocketFile.connect(path, timeoutSeconds: timeoutSeconds)
        guard socket >= 0 else {
            throw CLIFailure(.nodeUnreachable, "\(path): \(systemText(errno))")
        }
        defer { close(socket) }
        let content = body?.encoded ?? []
        let head =
            "\(method) \(target) HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n"
            + "Content-Type: application/json\r\nContent-Length: \(content.count)\r\n\r\n"
        try Output.write(Array(head.utf8) + content, to: socket)
        return try answer(try readAll(socket))
    }

    private func readAll(_ socket: Int32) throws(CLIFailure) -> [UInt8] {
        var result: [UInt8] = []
        var part = [UInt8](repeating: 0, count: 65_536)
        while result.count < Self.answerMax {
            let count = read(socket, &part, part.count)
            if count < 0 && errno == EINTR { continue }
            guard count >= 0 else {
                throw CLIFailure(.nodeUnreachable, "the node does not answer in time")
            }
            if count == 0 { break }
            result.append(contentsOf: part[..<count])
        }
        return result
    }

    /// The content of an answer of known length.
    private func answer(_ bytes: [UInt8]) throws(CLIFailure) -> JSON {
        guard let end = bytes.firstRange(of: Array("\r\n\r\n".utf8)),
            let status = Int(String(decoding: bytes.prefix(12).suffix(3), as: UTF8.self))
        else { throw CLIFailure(.nodeUnreachable, "the node's answer cannot be read") }
        let content = Array(bytes[end.upperBound...])
        var json = JSON.null
        if !content.isEmpty {
            do {
                json = try JSON(parsing: content)
            } catch {
                throw CLIFailure(.nodeUnreachable, "the node's answer is no JSON")
            }
        }
        guard (200..<300).contains(status) else {
            let message = json["error"]?["message"]?.string ?? "status \(status)"
            throw CLIFailure(.nodeRefused, message)
        }
        return json
    }
}
