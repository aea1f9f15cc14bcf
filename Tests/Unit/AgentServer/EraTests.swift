import AgentServer
import PeerTesting
import Testing

/// MCP 2.1, 2.2, 2.4: which era a pipe is in, and what each answers.
@Suite(.timeLimit(.minutes(Patience.minutes))) struct EraTests {
    private func code(_ answer: JSON) -> Int64? { answer["error"]?["code"]?.integer }

    @Test func `S-251 discover is answered first, and decides nothing`() async {
        let client = TestClient()
        let answer = await client.ask("server/discover", TestClient.modern())
        let result = answer["result"]
        #expect(result?["resultType"] == "complete")
        #expect(result?["supportedVersions"] == ["2026-07-28"])
        #expect(
            result?["capabilities"]?.text
                == #"{"tools":{"listChanged":true},"prompts":{"listChanged":true},"#
                + #""resources":{"subscribe":true,"listChanged":true},"completions":{},"#
                + #""extensions":{"io.modelcontextprotocol/tasks":{},"peer-agent/events":{}}}"#
        )
        #expect(result?["ttlMs"] == 3_600_000)
        #expect(result?["cacheScope"] == "public")
        #expect(
            result?["_meta"]?["io.modelcontextprotocol/serverInfo"]?["version"] == "0.1.0")
        #expect(result?["serverInfo"] == nil)
        #expect(result?["instructions"]?.string?.utf8.count ?? 601 <= 600)
        let initialized = await client.initialize()
        #expect(initialized["result"]?["protocolVersion"] == "2025-11-25")
    }

    @Test(arguments: [
        ("2024-11-05", "2024-11-05"), ("2025-03-26", "2025-03-26"),
        ("2025-06-18", "2025-06-18"), ("2025-11-25", "2025-11-25"),
        ("2026-07-28", "2025-11-25"), ("1999-01-01", "2025-11-25"),
    ])
    func `S-251 initialize echoes a legacy revision and offers the newest otherwise`(
        asked: String, given: String
    ) async {
        let client = TestClient()
        let result = await client.initialize(asked)["result"]
        #expect(result?["protocolVersion"]?.string == given)
        #expect(result?["serverInfo"]?["name"] == "peer-agent")
        #expect(result?["resultType"] == nil)
        #expect(await client.ask("ping")["result"] == [:])
    }

    @Test func `a modern envelope decides for the modern era`() async {
        let client = TestClient()
        #expect(
            await client.ask("tools/list", TestClient.modern())["result"]?["ttlMs"] == 300_000)
        let late = await client.ask("initialize", ["protocolVersion": "2025-11-25"])
        #expect(code(late) == -32022)
        #expect(
            late["error"]?["data"] == ["supported": ["2026-07-28"], "requested": "2025-11-25"])
        #expect(code(await client.ask("tools/list")) == -32602)
        #expect(code(await client.ask("ping")) == -32602)
    }

    @Test func `S-251 a modern envelope on a legacy pipe names the negotiated revision`() async {
        let client = TestClient()
        _ = await client.initialize("2025-06-18")
        let answer = await client.ask("tools/list", TestClient.modern())
        #expect(code(answer) == -32600)
        #expect(answer["error"]?["message"]?.string?.contains("2025-06-18") == true)
        #expect(code(await client.initialize()) == -32600)
        #expect(
            await client.ask("server/discover", TestClient.modern())["result"]?["resultType"]
                == "complete")
    }

    @Test func `S-251 nothing but ping is served before an era is chosen`() async {
        let client = TestClient()
        #expect(await client.ask("ping")["result"] == [:])
        let answer = await client.ask("tools/list")
        #expect(code(answer) == -32602)
        let text = answer["error"]?["message"]?.string ?? ""
        #expect(text.contains("initialize") && text.contains("protocolVersion"))
        #expect(await client.initialize()["result"] != nil)
    }

    @Test func `a refused envelope leaves the choice open`() async {
        let client = TestClient()
        let answer = await client.ask(
            "tools/list",
            [
                "_meta": [
                    "io.modelcontextprotocol/protocolVersion": "2027-01-01",
                    "io.modelcontextprotocol/clientCapabilities": [:],
                ]
            ])
        #expect(code(answer) == -32022)
        #expect(await client.initialize()["result"]?["protocolVersion"] == "2025-11-25")
    }

    static let version = #""io.modelcontextprotocol/protocolVersion":"2026-07-28""#
    static let capabilities = #""io.modelcontextprotocol/clientCapabilities":"#

    @Test(arguments: [
        #"{}"#, #"{"_meta":5}"#, #"{"_meta":{\#(version)}}"#,
        #"{"_meta":{"io.modelcontextprotocol/protocolVersion":7,\#(capabilities){}}}"#,
        #"{"_meta":{\#(version),\#(capabilities)[]}}"#,
        #"{"_meta":{\#(version),\#(capabilities){},"#
            + #""io.modelcontextprotocol/logLevel":"loud"}}"#,
    ])
    func `an envelope of the wrong shape is refused before its version is looked at`(
        params: String
    ) async throws {
        let client = TestClient()
        let params = try JSON(parsing: Array(params.utf8))
        #expect(code(await client.ask("server/discover", params)) == -32602)
        #expect(code(await client.ask("nonsense", params)) == -32602)
    }

    @Test(arguments: [
        "initialize", "ping", "logging/setLevel", "resources/subscribe",
        "resources/unsubscribe", "tasks/list", "tasks/result", "nonsense",
    ])
    func `the modern era does not know methods of the legacy one`(method: String) async {
        let client = TestClient()
        #expect(code(await client.ask(method, TestClient.modern(["uri": "x"]))) == -32601)
    }

    @Test(arguments: [
        "subscriptions/listen", "tasks/get", "tasks/update", "x",
    ])
    func `the legacy era does not know methods that are not offered`(method: String) async {
        let client = TestClient()
        _ = await client.initialize()
        #expect(code(await client.ask(method, [:])) == -32601)
    }

    @Test func `setting the log level is acknowledged, unknown levels are not`() async {
        let client = TestClient()
        _ = await client.initialize()
        #expect(await client.ask("logging/setLevel", ["level": "info"])["result"] == [:])
        #expect(code(await client.ask("logging/setLevel", ["level": "loud"])) == -32602)
    }

    @Test(arguments: ["tools/list", "resources/list", "resources/templates/list"])
    func `a cursor that was never given out is refused`(method: String) async {
        let client = TestClient()
        #expect(code(await client.ask(method, TestClient.modern(["cursor": ""]))) == -32602)
        #expect(code(await client.ask(method, TestClient.modern(["cursor": "x"]))) == -32602)
    }

    @Test func `tools show only what a revision defines`() async {
        let expected: [(String, Set<String>)] = [
            ("2024-11-05", ["name", "description", "inputSchema"]),
            ("2025-03-26", ["name", "description", "inputSchema", "annotations"]),
            (
                "2025-06-18",
                ["name", "title", "description", "inputSchema", "outputSchema", "annotations"]
            ),
        ]
        for (revision, keys) in expected {
            let client = TestClient()
            _ = await client.initialize(revision)
            let tools = await client.ask("tools/list")["result"]?["tools"]
            #expect(Set(tools?[0]?.object?.members.map(\.key) ?? []) == keys)
            let result = await client.ask("tools/call", ["name": "inbox"])["result"]
            #expect((result?["structuredContent"] != nil) == (revision == "2025-06-18"))
            #expect(result?["resultType"] == nil)
        }
    }

    @Test func `arrays are answered with an array, only in 2025-03-26`() async {
        let client = TestClient()
        await client.send(raw: "[]")
        #expect(code(await client.next()) == -32600)
        _ = await client.initialize("2025-03-26")
        await client.send(raw: "[]")
        #expect(code(await client.next()) == -32600)
        await client.send(
            raw: #"[{"jsonrpc":"2.0","id":1,"method":"ping"},"#
                + #"{"jsonrpc":"2.0","method":"notifications/initialized"},"#
                + #"{"jsonrpc":"2.0","id":"a","method":"tools/call","params":{"name":"inbox"}},"#
                + #"{"jsonrpc":"2.0","id":2,"method":"initialize","params":{}},7]"#)
        let batch = await client.next().array ?? []
        #expect(batch.count == 4)
        #expect(batch.contains { $0["id"] == 1 && $0["result"] == [:] })
        #expect(batch.contains { $0["id"] == "a" && $0["result"]?["content"] != nil })
        #expect(batch.contains { $0["id"] == 2 && code($0) == -32600 })
        #expect(batch.contains { $0["id"] == .null && code($0) == -32600 })
        await client.send(raw: #"[{"jsonrpc":"2.0","method":"x"}]"#)
        #expect(await client.ask("ping")["result"] == [:])
        #expect(client.pending.isEmpty)
    }

    @Test(arguments: ["2024-11-05", "2025-06-18", "2025-11-25"])
    func `other revisions refuse arrays`(revision: String) async {
        let client = TestClient()
        _ = await client.initialize(revision)
        await client.send(raw: #"[{"jsonrpc":"2.0","id":1,"method":"ping"}]"#)
        let answer = await client.next()
        #expect(code(answer) == -32600)
        #expect(answer["id"] == (revision == "2025-11-25" ? nil : .null))
    }
}
