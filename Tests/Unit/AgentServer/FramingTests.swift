import AgentServer
import PeerNode
import PeerState
import PeerTesting
import Testing

/// Lines, ids, concurrency, cancelling and the end of input (MCP 1.2, 2.2 S1 S2, 2.7, 14).
@Suite(.timeLimit(.minutes(5 * Patience.minutes))) struct FramingTests {
    private func code(_ answer: JSON) -> Int64? { answer["error"]?["code"]?.integer }
    private let ping = #"{"jsonrpc":"2.0","id":1,"method":"ping"}"#

    @Test func `S-254 lines may arrive in any pieces and end in any way`() async {
        let client = TestClient()
        let bytes = Array("\n\r\n\(ping)\r\n\(ping)\n\n".utf8)
        for size in [1, 3, bytes.count] {
            for start in stride(from: 0, to: bytes.count, by: size) {
                await client.session.receive(Array(bytes[start..<min(start + size, bytes.count)]))
            }
            #expect(await client.next() == ["jsonrpc": "2.0", "id": 1, "result": [:]])
            #expect(await client.next()["id"] == 1)
            #expect(client.pending.isEmpty)
        }
    }

    @Test func `a callback of the loop enters without a hop`() {
        let client = TestClient()
        let line = Array((ping + "\n").utf8)
        client.executor.callback {
            client.session.assumeIsolated { $0.receive(line) }
        }
        #expect(client.pending.count == 1)
    }

    @Test func `S-254 a line over 4 MiB is refused once and skipped to its end`() async {
        let client = TestClient()
        let part = [UInt8](repeating: 0x20, count: 1 << 20)
        for _ in 0..<9 { await client.session.receive(part) }
        #expect(code(await client.next()) == -32700)
        #expect(client.pending.isEmpty)
        await client.send(raw: "rest of it")
        await client.send(raw: ping)
        #expect(await client.next()["result"] == [:])
        await client.session.receive(part + part + part + part.dropLast(ping.utf8.count))
        await client.send(raw: ping)
        #expect(await client.next()["result"] == [:])
    }

    @Test(
        arguments: [
            ("{", -32700), ("nonsense", -32700), ("{}{}", -32700), ("\u{FEFF}{}", -32700),
            (#"{"jsonrpc":"2.0","id":1e400,"method":"ping"}"#, -32700),
            (#"{"jsonrpc":"2.0","id":1,"id":2,"method":"ping"}"#, -32700),
            (#"{"jsonrpc":"2.0","id":"\ud800","method":"ping"}"#, -32700),
            ("7", -32600), ("\"x\"", -32600), ("{}", -32600), ("[]", -32600),
            (#"{"jsonrpc":"1.0","id":1,"method":"ping"}"#, -32600),
            (#"{"id":1,"method":"ping"}"#, -32600),
            (#"{"jsonrpc":"2.0","id":1}"#, -32600),
            (#"{"jsonrpc":"2.0","id":1,"method":5}"#, -32600),
            (#"{"jsonrpc":"2.0","id":null,"method":"ping"}"#, -32600),
            (#"{"jsonrpc":"2.0","id":{},"method":"ping"}"#, -32600),
            (#"{"jsonrpc":"2.0","id":1.5,"method":"ping"}"#, -32600),
            (#"{"jsonrpc":"2.0","id":18446744073709551616,"method":"ping"}"#, -32600),
            (#"{"jsonrpc":"2.0","id":1,"method":"ping","params":[]}"#, -32602),
        ] as [(String, Int64)])
    func `what is no request is refused with its code, and the next one works`(
        line: String, expected: Int64
    ) async {
        for revision in ["2024-11-05", "2025-11-25"] {
            let client = TestClient()
            _ = await client.initialize(revision)
            await client.send(raw: line)
            let answer = await client.next()
            #expect(code(answer) == expected)
            let hasID =
                line.contains(#""id":1,"#) && expected != -32700 || line.contains(#""id":1}"#)
            #expect(answer["id"] == (hasID ? 1 : revision == "2025-11-25" ? nil : .null))
            #expect(await client.ask("ping")["result"] == [:])
        }
    }

    @Test func `invalid UTF-8 is a parse error`() async {
        let client = TestClient()
        await client.session.receive(Array(#"{"a":""#.utf8) + [0xFF] + Array("\"}\n".utf8))
        #expect(code(await client.next()) == -32700)
    }

    @Test(arguments: [
        "9007199254740993", "\"1\"", "1", "-0", "18446744073709551615", #""\u0041\/b""#, "\"é\"",
    ])
    func `ids are echoed as they were written`(id: String) async {
        let executor = LoopExecutor()
        let server = StdioServer(
            port: FakePort(), executor: executor,
            configuration: AgentServerConfiguration(version: "1"), log: .silent)
        let written = Locked<[[UInt8]]>([])
        let session = server.openSession { bytes in written.withLock { $0.append(bytes) } }
        await session.receive(
            Array("{\"jsonrpc\":\"2.0\",\"id\": \(id) ,\"method\":\"ping\"}\n".utf8))
        let text = written.withLock { $0.map { String(decoding: $0, as: UTF8.self) } }
        #expect(text == ["{\"jsonrpc\":\"2.0\",\"id\":\(id),\"result\":{}}\n"])
    }

    @Test func `answers to 1 and "1" do not mix, and cancelling knows them apart`() async {
        let client = TestClient()
        _ = await client.initialize()
        for id in ["1", "\"1\""] {
            await client.send(
                raw: #"{"jsonrpc":"2.0","id":\#(id),"method":"tools/call","params":"#
                    + #"{"name":"wait_for_messages","arguments":{"timeout_s":5}}}"#)
        }
        await client.port.until { $0.waiters.count == 2 }
        await client.send(
            raw: #"{"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":"1"}}"#
        )
        await client.port.until { $0.waiters.count == 1 }
        await client.port.post(Fake.message(1))
        let answer = await client.next()
        #expect(answer["id"] == 1)
        #expect(answer["result"]?["structuredContent"]?["messages"]?.array?.count == 1)
        #expect(await client.ask("ping")["result"] == [:])
        #expect(client.pending.isEmpty)
    }

    @Test(arguments: [
        #"{}"#, #"{"requestId":"nobody"}"#, #"{"requestId":null}"#, #"{"requestId":{}}"#,
    ])
    func `S-256 cancelling what is not there is ignored`(params: String) async {
        let client = TestClient()
        _ = await client.initialize()
        await client.send(
            raw: #"{"jsonrpc":"2.0","method":"notifications/cancelled","params":\#(params)}"#)
        await client.send(raw: #"{"jsonrpc":"2.0","method":"notifications/unheard/of"}"#)
        await client.send(raw: #"{"jsonrpc":"2.0","id":"x","result":{}}"#)
        #expect(await client.ask("ping")["result"] == [:])
        #expect(client.pending.isEmpty)
    }

    @Test func `S-255 a call is answered while another one waits`() async {
        let client = TestClient()
        let waiting = await client.begin(
            "tools/call", TestClient.modern(["name": "wait_for_messages"]))
        for _ in 0..<100 {
            #expect(await client.structured("inbox")["unread"] == 0)
        }
        await client.port.post(Fake.message(1))
        #expect(await client.next()["id"] == waiting)
    }

    @Test func `257 requests at once are one too many`() async {
        let client = TestClient()
        _ = await client.initialize()
        for _ in 0..<256 {
            _ = await client.begin("tools/call", ["name": "wait_for_messages"])
        }
        let answer = await client.ask("tools/call", ["name": "wait_for_messages"])
        #expect(code(answer) == 4029)
        #expect(answer["error"]?["data"]?["retry_after_ms"] == 100)
        #expect(await client.ask("ping")["result"] == [:])
        await client.port.until { $0.waiters.count == 256 }
        await client.port.post(Fake.message(1))
        for _ in 0..<256 { #expect(await client.next()["result"] != nil) }
    }

    @Test func `the end of input ends waits without an answer, and finish returns`() async {
        let client = TestClient()
        _ = await client.begin("tools/call", TestClient.modern(["name": "wait_for_messages"]))
        await client.port.until { $0.waiters.count == 1 }
        await client.session.endOfInput()
        await client.session.finish()
        await client.port.until { $0.waiters.isEmpty }
        #expect(client.pending.isEmpty)
    }

    @Test func `the end of input lets other requests answer, a line without a break too`() async {
        let client = TestClient()
        await client.session.receive(
            Array((ping + "\n" + ping.replacing("1,", with: "2,")).utf8))
        await client.session.endOfInput()
        await client.session.finish()
        #expect(client.pending.map { $0["id"] } == [1, 2])
    }

    @Test func `finish gives up after a second of the node's clock`() async {
        let client = TestClient()
        await client.port.set { $0.blocksActions = true }
        _ = await client.begin(
            "tools/call",
            TestClient.modern([
                "name": "send_message", "arguments": ["channel": "general", "body": "x"],
            ]))
        await client.port.until { $0.performed.count == 1 }
        async let finished: Void = client.session.finish()
        await client.port.until { $0.sleepers.values.contains { $0.due == FakePort.start + 1_000 } }
        await client.port.advance(1_000)
        await finished
        #expect(client.pending.isEmpty)
    }

    @Test func `a call that hangs is answered with timeout`() async {
        let client = TestClient()
        await client.port.set { $0.blocksActions = true }
        let id = await client.begin(
            "tools/call",
            TestClient.modern([
                "name": "send_message", "arguments": ["channel": "general", "body": "x"],
            ]))
        await client.port.until { $0.performed.count == 1 }
        for _ in 0..<4 {
            await client.port.until { port in
                port.sleepers.values.contains { $0.due == port.now + 10_000 }
            }
            await client.port.advance(10_000)
        }
        let answer = await client.next()
        #expect(answer["id"] == id)
        #expect(answer["result"]?["isError"] == true)
        #expect(answer["result"]?["structuredContent"]?["error"]?["code"] == "timeout")
    }

    @Test func `S-252 a bug is an internal error with a reference and nothing else`() async {
        let client = TestClient()
        await client.port.set { $0.failure = NodeFailure(.internalError, "secret") }
        let answer = await client.ask(
            "tools/call",
            TestClient.modern([
                "name": "send_message", "arguments": ["channel": "general", "body": "x"],
            ]))
        #expect(
            answer["error"]
                == ["code": -32603, "message": "Internal error", "data": ["ref": "abababab"]])
    }
}
