import AgentServer
import PeerNode
import PeerState
import Testing

/// A client at the other end of a pipe. Every frame that reaches it is checked for its shape.
final class TestClient: Sendable {
    private struct State {
        var frames: [JSON] = []
        var waiting: CheckedContinuation<Void, Never>?
        var nextID = 0
    }

    let port: FakePort
    let executor: LoopExecutor
    let session: StdioSession
    private let state: Locked<State>

    convenience init(
        _ port: FakePort = FakePort(), scope: Scope = .full,
        configure: (inout AgentServerConfiguration) -> Void = { _ in }
    ) {
        self.init(
            fake: port, over: port, scope: scope, principal: "stdio", configure: configure)
    }

    /// A client of a real node; `port` is then of no use.
    convenience init(
        over port: any AgentPort, scope: Scope = .full, principal: String = "stdio",
        configure: (inout AgentServerConfiguration) -> Void = { _ in }
    ) {
        self.init(
            fake: FakePort(), over: port, scope: scope, principal: principal,
            configure: configure)
    }

    private init(
        fake: FakePort, over port: any AgentPort, scope: Scope, principal: String,
        configure: (inout AgentServerConfiguration) -> Void
    ) {
        let executor = LoopExecutor()
        var configuration = AgentServerConfiguration(version: "0.1.0", scope: scope, rates: [:])
        configure(&configuration)
        let server = StdioServer(
            port: port, executor: executor, configuration: configuration, log: .silent)
        let state = Locked(State())
        self.port = fake
        self.executor = executor
        self.state = state
        session = server.openSession(principal: principal) { bytes in
            let frame = Self.checked(bytes)
            let waiting = state.withLock { state in
                state.frames.append(frame)
                defer { state.waiting = nil }
                return state.waiting
            }
            waiting?.resume()
        }
    }

    /// Checks that bytes are one line with one JSON-RPC message or an array of answers.
    private static func checked(_ bytes: [UInt8]) -> JSON {
        #expect(bytes.last == 0x0A && bytes.firstIndex(of: 0x0A) == bytes.count - 1)
        do {
            let frame = try JSON(parsing: Array(bytes.dropLast()))
            for message in frame.array ?? [frame] { checkShape(message) }
            return frame
        } catch {
            Issue.record("not JSON: \(error)")
            return .null
        }
    }

    private static func checkShape(_ message: JSON) {
        #expect(message["jsonrpc"] == "2.0")
        if message["method"] != nil {
            #expect(message["id"] == nil, "a request was written")
            #expect(message["method"]?.string != nil)
            #expect(message["params"] == nil || message["params"]?.object != nil)
            return
        }
        #expect((message["result"] == nil) != (message["error"] == nil))
        if let error = message["error"] {
            #expect(error["code"]?.integer != nil && error["message"]?.string != nil)
        } else {
            #expect(message["id"] != nil && message["id"] != .null)
            #expect(message["result"]?.object != nil)
        }
    }

    func send(raw: String) async {
        await session.receive(Array((raw + "\n").utf8))
    }

    func send(_ message: JSON) async {
        await send(raw: message.text)
    }

    /// The first frame that fits, which is then taken out.
    func frame(_ fits: @Sendable (JSON) -> Bool) async -> JSON {
        while true {
            let found = state.withLock { state -> JSON? in
                state.frames.firstIndex(where: fits).map { state.frames.remove(at: $0) }
            }
            if let found { return found }
            if Task.isCancelled { return .null }
            await withTaskCancellationHandler {
                await withCheckedContinuation { continuation in
                    let arrived = state.withLock { state -> Bool in
                        if Task.isCancelled || state.frames.contains(where: fits) { return true }
                        state.waiting = continuation
                        return false
                    }
                    if arrived { continuation.resume() }
                }
            } onCancel: {
                let waiting = state.withLock { state in
                    defer { state.waiting = nil }
                    return state.waiting
                }
                waiting?.resume()
            }
        }
    }

    func next() async -> JSON { await frame { _ in true } }

    func notification(_ method: String) async -> JSON {
        await frame { $0["method"]?.string == method }
    }

    /// What has arrived and was not taken.
    var pending: [JSON] { state.withLock { $0.frames } }

    /// Sends a request with a new id and returns its answer.
    func ask(_ method: String, _ params: JSON? = nil) async -> JSON {
        let id = await begin(method, params)
        return await frame { $0["id"] == id }
    }

    func begin(_ method: String, _ params: JSON? = nil) async -> JSON {
        let id = state.withLock { state -> JSON in
            state.nextID += 1
            return .string("t\(state.nextID)")
        }
        var request: JSONObject = ["jsonrpc": "2.0", "id": id, "method": .string(method)]
        request["params"] = params
        await send(.object(request))
        return id
    }
}

extension TestClient {
    static let envelope: JSON = [
        "io.modelcontextprotocol/protocolVersion": "2026-07-28",
        "io.modelcontextprotocol/clientCapabilities": [:],
    ]

    /// Parameters with the envelope of the modern era.
    static func modern(_ params: JSONObject = [:]) -> JSON {
        var params = params
        params["_meta"] = envelope
        return .object(params)
    }

    func initialize(_ revision: String = "2025-11-25") async -> JSON {
        let answer = await ask(
            "initialize",
            [
                "protocolVersion": .string(revision), "capabilities": [:],
                "clientInfo": ["name": "test", "version": "1"],
            ])
        await send(["jsonrpc": "2.0", "method": "notifications/initialized"])
        return answer
    }

    /// Calls a tool in the modern era and returns the result.
    func call(_ tool: String, _ arguments: JSONObject = [:]) async -> JSON {
        let answer = await ask(
            "tools/call",
            Self.modern(["name": .string(tool), "arguments": .object(arguments)]))
        return answer["result"] ?? answer
    }

    /// The structured part of a tool's result.
    func structured(_ tool: String, _ arguments: JSONObject = [:]) async -> JSON {
        let result = await call(tool, arguments)
        #expect(result["isError"] == nil, "\(result.text)")
        return result["structuredContent"] ?? .null
    }

    /// The error of a tool that must refuse.
    func refusal(_ tool: String, _ arguments: JSONObject = [:]) async -> JSON {
        let result = await call(tool, arguments)
        #expect(result["isError"] == true)
        #expect(result["content"]?.array?.first?["text"]?.string?.isEmpty == false)
        return result["structuredContent"]?["error"] ?? .null
    }
}

extension JSON {
    /// The item of an array.
    subscript(_ index: Int) -> JSON? {
        array.flatMap { index < $0.count ? $0[index] : nil }
    }

    /// The text of the first content block of a tool's result.
    var firstText: String { self["content"]?[0]?["text"]?.string ?? "" }
}
