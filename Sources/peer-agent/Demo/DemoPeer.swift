import AgentServer
import PeerNet
import PeerState

/// One of the two nodes of the demo, driven over MCP as any agent would.
final class DemoPeer {
    /// A call that takes longer than this has failed.
    private static let callTimeout = Milliseconds.seconds(40)

    let name: String
    private let home: String
    private var child: Child?
    private var lastRequest = 0
    private(set) var id = ""

    var log: String { home + ".log" }

    init(_ name: String, in folder: String) {
        self.name = name
        home = folder + "/" + name.lowercased()
    }

    /// Starts the process, again if it was killed, and asks who it is.
    func start() throws {
        child = try Child(
            arguments: [
                "run", "--data-dir", home, "--name", name, "--listen", "127.0.0.1:0",
                "--scope", "full", "--limit", "posting=0", "--log-level", "warning",
            ], log: log)
        id = try read("peer://identity")["peer_id"]?.string ?? ""
    }

    func kill() {
        child?.kill()
        child = nil
    }

    /// Calls a tool and returns its structured content.
    ///
    /// - Errors: `demoFailed` with what the tool said.
    func call(_ tool: String, _ arguments: JSON) throws -> JSON {
        let result = try request("tools/call", ["name": .string(tool), "arguments": arguments])
        let content = result["structuredContent"] ?? .null
        guard result["isError"]?.bool != true else {
            let text = content["error"]?["message"]?.string ?? content.text
            throw CLIFailure(.demoFailed, "\(name): \(tool) said: \(text)")
        }
        return content
    }

    /// Reads a resource, whose text is JSON.
    func read(_ uri: String) throws -> JSON {
        let result = try request("resources/read", ["uri": .string(uri)])
        guard let text = result["contents"]?.array?.first?["text"]?.string else {
            throw CLIFailure(.demoFailed, "\(name): \(uri) has no text")
        }
        return try JSON(parsing: Array(text.utf8))
    }

    private func request(_ method: String, _ params: JSONObject) throws -> JSON {
        lastRequest += 1
        var params = params
        params["_meta"] = [
            "io.modelcontextprotocol/protocolVersion": "2026-07-28",
            "io.modelcontextprotocol/clientCapabilities": [:],
        ]
        let frame: JSON = [
            "jsonrpc": "2.0", "id": JSON(lastRequest), "method": .string(method),
            "params": .object(params),
        ]
        guard let child else {
            throw CLIFailure(.demoFailed, "\(name): no process to ask")
        }
        try child.send(frame.encoded)
        let deadline = SystemClock.now() + Self.callTimeout
        while true {
            let answer = try JSON(parsing: try child.line(before: deadline))
            guard answer["id"]?.integer == Int64(lastRequest) else { continue }
            if let error = answer["error"] {
                throw CLIFailure(.demoFailed, "\(name): \(method) failed: \(error.text)")
            }
            return answer["result"] ?? .null
        }
    }
}
