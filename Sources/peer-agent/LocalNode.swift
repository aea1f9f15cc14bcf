import AgentServer
import Glibc
import PeerNode
import PeerState

/// The node that runs on a data directory, as this user's commands reach it: over its socket file.
struct LocalNode {
    private static let answerMax = 8 << 20
    private static let headMax = 4_096
    private static let lengthField = "content-length:"

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
        let answer = try exchange(method, target, body?.encoded ?? [], type: "application/json")
        let json = try Self.json(answer.content)
        guard answer.isGood else {
            let message = json["error"]?["message"]?.string ?? "status \(answer.status)"
            throw CLIFailure(.nodeRefused, message)
        }
        return json
    }

    /// Bytes of a file from `offset` on; none at its end.
    ///
    /// - Errors: `nodeUnreachable`.
    func bytes(of file: FileID, at offset: Int) throws(CLIFailure) -> NodeAnswer<[UInt8]> {
        let answer = try exchange("GET", "\(MCPHTTPServer.filesPath)\(file.text)/\(offset)")
        guard !answer.isGood else { return .facts(answer.content) }
        return .refusal(try Self.json(answer.content)["error"], "status \(answer.status)")
    }

    /// Hands over bytes of an upload that was begun.
    ///
    /// - Errors: `nodeUnreachable`.
    func hand(
        _ bytes: [UInt8], of upload: String, at offset: Int
    ) throws(CLIFailure) -> NodeAnswer<JSON> {
        let answer = try exchange(
            "POST", "\(MCPHTTPServer.uploadsPath)\(upload)/\(offset)", bytes,
            type: "application/octet-stream")
        let json = try Self.json(answer.content)
        guard !answer.isGood else { return .facts(json) }
        return .refusal(json["error"], "status \(answer.status)")
    }

    private struct Answer {
        let status: Int
        let content: [UInt8]
        var isGood: Bool { (200..<300).contains(status) }
    }

    private func exchange(
        _ method: String, _ target: String, _ content: [UInt8] = [], type: String? = nil
    ) throws(CLIFailure) -> Answer {
        let socket = SocketFile.connect(path, timeoutSeconds: timeoutSeconds)
        guard socket >= 0 else {
            throw CLIFailure(.nodeUnreachable, "\(path): \(systemText(errno))")
        }
        defer { close(socket) }
        var head = "\(method) \(target) HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n"
        if let type { head += "Content-Type: \(type)\r\n" }
        head += "Content-Length: \(content.count)\r\n\r\n"
        do throws(CLIFailure) {
            try Output.write(Array(head.utf8) + content, to: socket)
        } catch {
            throw CLIFailure(.nodeGone, "the node ended the conversation")
        }
        return try Self.answer(from: socket)
    }

    private static func answer(from socket: Int32) throws(CLIFailure) -> Answer {
        let (head, rest) = try head(from: socket)
        let lines = head.split(separator: "\r\n").map { $0.lowercased() }
        let length = lines.first { $0.hasPrefix(lengthField) }?.dropFirst(lengthField.utf8.count)
        guard let status = Int(head.prefix(12).suffix(3)),
            let count = Int(length?.filter { $0 != " " } ?? "0"), (0...answerMax).contains(count)
        else { throw CLIFailure(.nodeUnreachable, "the node's answer cannot be read") }
        var content = [UInt8](repeating: 0, count: count)
        content.replaceSubrange(..<min(count, rest.count), with: rest.prefix(count))
        var filled = min(count, rest.count)
        while filled < count {
            filled += try read(socket, into: &content, from: filled)
        }
        return Answer(status: status, content: content)
    }

    /// The first lines of an answer, and what came with them.
    private static func head(
        from socket: Int32
    ) throws(CLIFailure) -> (text: String, rest: ArraySlice<UInt8>) {
        var bytes = [UInt8](repeating: 0, count: headMax)
        var filled = 0
        while filled < headMax {
            filled += try read(socket, into: &bytes, from: filled)
            if let end = bytes[..<filled].place(of: "\r\n\r\n".utf8) {
                let text = String(decoding: bytes[..<end.lowerBound], as: UTF8.self)
                return (text, bytes[end.upperBound..<filled])
            }
        }
        throw CLIFailure(.nodeUnreachable, "the node's answer cannot be read")
    }

    private static func read(
        _ socket: Int32, into bytes: inout [UInt8], from place: Int
    ) throws(CLIFailure) -> Int {
        while true {
            let count = bytes.withUnsafeMutableBytes {
                Glibc.read(socket, $0.baseAddress?.advanced(by: place), $0.count - place)
            }
            if count < 0 && errno == EINTR { continue }
            guard count >= 0 else {
                throw CLIFailure(.nodeUnreachable, "the node does not answer in time")
            }
            guard count > 0 else { throw CLIFailure(.nodeGone, "the node ended the conversation") }
            return count
        }
    }

    private static func json(_ content: [UInt8]) throws(CLIFailure) -> JSON {
        guard !content.isEmpty else { return .null }
        do {
            return try JSON(parsing: content)
        } catch {
            throw CLIFailure(.nodeUnreachable, "the node's answer is no JSON")
        }
    }
}
