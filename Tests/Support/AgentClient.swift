package import AgentServer
import Foundation

/// An MCP client over the pipes of a node of its own, in either era.
package final class AgentClient: Sendable {
    package enum Era: Hashable, Sendable {
        case modern
        case legacy(String)

        package static let newestLegacy = Era.legacy("2025-11-25")
    }

    /// A JSON-RPC error.
    package struct ProtocolError: Error, CustomStringConvertible {
        package let code: Int64
        package let message: String
        package let data: JSON?

        package var description: String { "\(code) \(message) \(data?.text ?? "")" }
    }

    /// A tool's result with `isError`.
    package struct Refusal: Error, CustomStringConvertible {
        package let tool: String
        package let error: JSON

        package var code: String { error["code"]?.string ?? "" }
        package var rule: String? { error["rule"]?.string }
        package var description: String { "\(tool): \(error.text)" }
    }

    package let process: ChildProcess
    package let era: Era
    private let mailbox: Mailbox

    /// - Parameter start: starts the process with what it is given for its lines.
    package init(
        era: Era, start: (@escaping @Sendable ([UInt8]) -> Void) throws -> ChildProcess
    ) throws {
        self.era = era
        let mailbox = Mailbox()
        self.mailbox = mailbox
        process = try start { mailbox.deliver($0) }
    }

    package var name: String { process.name }

    /// Notifications so far, in order.
    package var notifications: [JSON] { mailbox.notifications }

    /// Lines on standard output that were no JSON-RPC message.
    package var strayLines: [String] { mailbox.strayLines }

    /// Everything after which requests are answered; returns the server's description of itself.
    @discardableResult
    package func open() async throws -> JSON {
        guard case .legacy(let revision) = era else {
            return try await request("server/discover", [:])
        }
        let result = try await request(
            "initialize",
            [
                "protocolVersion": .string(revision), "capabilities": [:],
                "clientInfo": ["name": "tests", "version": "1"],
            ])
        try notify("notifications/initialized", [:])
        return result
    }

    package func notify(_ method: String, _ params: JSONObject) throws {
        let frame: JSON = [
            "jsonrpc": "2.0", "method": .string(method), "params": .object(params),
        ]
        try process.send(line: frame.text)
    }

    /// Sends a request and waits for its answer.
    ///
    /// - Errors: `ProtocolError`, `ChildProcess.Problem` after `seconds`.
    package func request(
        _ method: String, _ params: JSONObject, within seconds: Double = 60
    ) async throws -> JSON {
        try await answer(to: try send(method, params), within: seconds)
    }

    /// Sends a request; its number is what `answer` waits for.
    package func send(_ method: String, _ params: JSONObject) throws -> Int {
        let id = mailbox.newID()
        var params = params
        if era == .modern {
            params["_meta"] = [
                "io.modelcontextprotocol/protocolVersion": "2026-07-28",
                "io.modelcontextprotocol/clientCapabilities": [:],
            ]
        }
        let frame: JSON = [
            "jsonrpc": "2.0", "id": JSON(id), "method": .string(method),
            "params": .object(params),
        ]
        try process.send(line: frame.text)
        return id
    }

    /// - Errors: as `request`.
    package func answer(to id: Int, within seconds: Double = 60) async throws -> JSON {
        let answer = try await process.wait(seconds, "for the answer to request \(id)") {
            [mailbox] state -> JSON? in
            if let answer = mailbox.take(id) { return answer }
            guard state.isDrained, state.ending != nil else { return nil }
            return ["error": ["code": 0, "message": "the process has ended"]]
        }
        if let error = answer["error"] {
            throw ProtocolError(
                code: error["code"]?.integer ?? 0, message: error["message"]?.string ?? "",
                data: error["data"])
        }
        return answer["result"] ?? .null
    }

    /// Calls a tool and returns its structured content.
    ///
    /// - Errors: `Refusal` besides those of `request`.
    @discardableResult
    package func call(
        _ tool: String, _ arguments: JSON = [:], within seconds: Double = 60
    ) async throws -> JSON {
        let result = try await request(
            "tools/call", ["name": .string(tool), "arguments": arguments], within: seconds)
        let content = result["structuredContent"] ?? .null
        guard result["isError"]?.bool != true else {
            throw Refusal(tool: tool, error: content["error"] ?? result)
        }
        return content
    }

    /// Reads a resource whose text is JSON.
    package func read(_ uri: String) async throws -> JSON {
        let result = try await request("resources/read", ["uri": .string(uri)])
        guard let text = result["contents"]?.array?.first?["text"]?.string else {
            throw ChildProcess.Problem("\(name): \(uri) has no text: \(result.text)")
        }
        return try JSON(parsing: Array(text.utf8))
    }
}

/// What came out of a client's node, by what it belongs to.
// SAFETY: everything is only touched under `lock`.
private final class Mailbox: @unchecked Sendable {
    private let lock = NSLock()
    private var answers: [Int: JSON] = [:]
    private var lastID = 0
    private var collected: [JSON] = []
    private var stray: [String] = []

    var notifications: [JSON] { lock.withLock { collected } }
    var strayLines: [String] { lock.withLock { stray } }

    func newID() -> Int {
        lock.withLock {
            lastID += 1
            return lastID
        }
    }

    func take(_ id: Int) -> JSON? { lock.withLock { answers.removeValue(forKey: id) } }

    func deliver(_ line: [UInt8]) {
        let message = Result { try JSON(parsing: line) }
        lock.withLock {
            guard case .success(let message) = message, message["jsonrpc"]?.string == "2.0" else {
                stray.append(String(decoding: line, as: UTF8.self))
                return
            }
            if let id = message["id"]?.integer, message["method"] == nil {
                answers[Int(id)] = message
            } else {
                collected.append(message)
            }
        }
    }
}
