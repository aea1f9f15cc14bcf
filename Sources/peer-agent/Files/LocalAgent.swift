import AgentServer
import Glibc
import PeerState

/// One conversation with the node of a data directory, in the words that agents use.
final class LocalAgent {
    private static let answerMax = 8 << 20

    private let socket: Int32
    private var unread: [UInt8] = []
    private var lastID: Int64 = 0

    /// - Errors: `nodeUnreachable`, `nodeRefused`.
    init(dataDirectory: String, label: String) throws(CLIFailure) {
        let path = dataDirectory + "/node.sock"
        socket = SocketFile.connect(path, timeoutSeconds: 60)
        guard socket >= 0 else {
            throw CLIFailure(
                .nodeUnreachable, "no node runs on \(dataDirectory); start peer-agent run")
        }
        try send([
            "peer_agent_hello": 1, "scope": "full", "label": .string(label),
        ])
        let hello = try receive()
        guard hello["ok"]?.bool == true else {
            throw CLIFailure(.nodeRefused, hello["error"]?.string ?? "the node says no")
        }
        _ = try ask(
            "initialize",
            [
                "protocolVersion": "2025-06-18", "capabilities": [:],
                "clientInfo": ["name": .string(label), "version": "1"],
            ])
        try send(["jsonrpc": "2.0", "method": "notifications/initialized"])
    }

    deinit {
        if socket >= 0 { close(socket) }
    }

    /// What a tool gave, or why it did not.
    enum Answer {
        case facts(JSON)
        case refused(code: String, message: String, retryAfterMilliseconds: UInt64?)
    }

    func call(_ tool: String, _ arguments: JSON) throws(CLIFailure) -> Answer {
        let result = try ask("tools/call", ["name": .string(tool), "arguments": arguments])
        guard let facts = result["structuredContent"] else {
            throw CLIFailure(.nodeUnreachable, "the node's answer cannot be read")
        }
        guard let error = facts["error"], result["isError"]?.bool == true else {
            return .facts(facts)
        }
        return .refused(
            code: error["code"]?.string ?? "", message: error["message"]?.string ?? "",
            retryAfterMilliseconds: error["retry_after_ms"]?.integer.map { UInt64(clamping: $0) })
    }

    private func ask(_ method: String, _ params: JSON) throws(CLIFailure) -> JSON {
        lastID += 1
        let id = JSON(Int(lastID))
        try send(["jsonrpc": "2.0", "id": id, "method": .string(method), "params": params])
        while true {
            let frame = try receive()
            guard frame["id"] == id else { continue }
            if let result = frame["result"] { return result }
            throw CLIFailure(.nodeRefused, frame["error"]?["message"]?.string ?? "no reason")
        }
    }

    private func send(_ frame: JSON) throws(CLIFailure) {
        do throws(CLIFailure) {
            try Output.write(frame.encoded + [0x0A], to: socket)
        } catch {
            throw CLIFailure(.nodeUnreachable, "the node went away")
        }
    }

    private func receive() throws(CLIFailure) -> JSON {
        var searched = 0
        var part = [UInt8](repeating: 0, count: 1 << 18)
        while true {
            if let end = unread[searched...].firstIndex(of: 0x0A) {
                let line = Array(unread[..<end])
                unread.removeFirst(end + 1)
                do {
                    return try JSON(parsing: line)
                } catch {
                    throw CLIFailure(.nodeUnreachable, "the node's answer is no JSON")
                }
            }
            searched = unread.count
            let count = read(socket, &part, part.count)
            if count < 0 && errno == EINTR { continue }
            guard count > 0, unread.count < Self.answerMax else {
                throw CLIFailure(
                    .nodeUnreachable, count == 0 ? "the node went away" : "no answer in time")
            }
            unread.append(contentsOf: part[..<count])
        }
    }
}
