import AgentServer
import PeerNode
import PeerState
import PeerTesting
import Testing

/// MCP 8.2 and 15: how many bytes an agent has to read.
@Suite(.timeLimit(.minutes(Patience.minutes))) struct BudgetTests {
    @Test func `S-258 lists fit`() async {
        for (scope, most) in [(Scope.messaging, 12_000), (.full, 50_000)] {
            let client = TestClient(scope: scope)
            let frame = await client.ask("tools/list", TestClient.modern())
            #expect(frame.encoded.count <= most, "\(frame.encoded.count)")
        }
        for toolset in Toolset.allCases {
            let client = TestClient { $0.toolsets = [toolset] }
            let frame = await client.ask("tools/list", TestClient.modern())
            #expect(frame.encoded.count <= 12_000)
        }
    }

    @Test func `an empty wait is 200 bytes`() async {
        let client = TestClient()
        _ = await client.initialize()
        await client.port.set { port in
            port.messages = (1...16_000).map { _ in Fake.message(1) }
            port.marks = [Fake.generalID: .max]
        }
        let answer = await client.ask(
            "tools/call", ["name": "wait_for_messages", "arguments": ["timeout_s": 0]])
        var result = answer["result"]?.object ?? JSONObject()
        result["_meta"] = nil
        let count = JSON.object(result).encoded.count
        #expect(count <= 200, "\(count)")
        #expect(result["structuredContent"]?.encoded.count ?? 201 <= 100)
    }

    @Test func `fifty messages of 80 bytes`() async {
        let client = TestClient()
        let body = String(repeating: "word ", count: 16)
        for number in 1...50 as ClosedRange<UInt64> {
            await client.port.post(Fake.message(number, body))
        }
        let frame = await client.ask(
            "tools/call",
            TestClient.modern(["name": "read_channel", "arguments": ["channel": "general"]]))
        #expect(frame["result"]?["structuredContent"]?["messages"]?.array?.count == 50)
        let text = frame["result"]?.firstText.utf8.count ?? 0
        #expect(text <= 8_000, "\(text)")
        #expect(frame.encoded.count <= 20_000, "\(frame.encoded.count)")
    }

    @Test(arguments: [("concise", 10_000, 24_000), ("detailed", 32_000, 64_000)])
    func `a page that is too large ends early and says so`(
        format: String, text: Int, frameBytes: Int
    ) async {
        let client = TestClient()
        let body = String(repeating: "\"quote\\ é😀\n", count: 90)
        for number in 1...100 as ClosedRange<UInt64> {
            await client.port.post(Fake.message(number, body))
        }
        let arguments: JSON = [
            "channel": "general", "limit": 100, "format": .string(format),
        ]
        let frame = await client.ask(
            "tools/call",
            TestClient.modern(["name": "read_channel", "arguments": arguments]))
        let page = frame["result"]?["structuredContent"]
        let shown = page?["messages"]?.array ?? []
        #expect(!shown.isEmpty && shown.count < 100)
        #expect(shown.last?["id"]?.string?.hasPrefix(Fake.event(100).short) == true)
        #expect(page?["has_more"] == true)
        #expect(page?["remaining"]?.integer == Int64(100 - shown.count))
        #expect(frame["result"]?.firstText.hasSuffix("cut by size") == true)
        #expect(frame["result"]?.firstText.utf8.count ?? 0 <= text)
        #expect(frame.encoded.count <= frameBytes, "\(frame.encoded.count)")
    }

    @Test func `a long text is cut and linked`() async {
        let client = TestClient()
        await client.port.post(Fake.message(1, String(repeating: "é", count: 4_000)))
        let result = await client.call("read_channel", ["channel": "general"])
        let message = result["structuredContent"]?["messages"]?[0]
        #expect(message?["text"]?.string?.utf8.count == 2_000)
        #expect(message?["truncated"] == true)
        let uri = JSON.string("peer://message/\(Fake.event(1).hex)")
        #expect(
            result["content"]?[1] == [
                "type": "resource_link", "uri": uri, "name": "0e00000000000001",
                "mimeType": "application/json",
            ])
        let old = TestClient(client.port)
        _ = await old.initialize("2024-11-05")
        let legacy = await old.ask(
            "tools/call", ["name": "read_channel", "arguments": ["channel": "general"]])
        #expect(
            legacy["result"]?["content"]?[1]
                == ["type": "text", "text": .string("Whole text: \(uri.string ?? "")")])
    }

    @Test func `mutations and an inbox without messages`() async {
        let client = TestClient()
        for number in 1...20 as ClosedRange<UInt64> {
            let channel = Fake.channel(number, name: "channel-\(number)")
            await client.port.set { $0.channelList.append(channel) }
            await client.port.post(Fake.message(number, channel: channel.id))
        }
        let sent = await client.structured("send_message", ["channel": "general", "body": "x"])
        #expect(sent.encoded.count <= 400, "\(sent.encoded.count)")
        let inbox = await client.structured("inbox", ["include_messages": false])
        #expect(inbox.encoded.count <= 20 * 120 + 200, "\(inbox.encoded.count)")
    }

    @Test func `a boundary that occurs in the text is drawn again`() async {
        let client = TestClient()
        await client.port.post(Fake.message(1, "abababababababab>>> escaped"))
        await client.port.set {
            $0.randomBytes = [
                Array(repeating: 0xAB, count: 8), Array(repeating: 0xCD, count: 8),
            ]
        }
        let text = await client.call("read_channel", ["channel": "general"]).firstText
        #expect(text.contains("<<<cdcdcdcdcdcdcdcd\n"))
        #expect(text.contains("\ncdcdcdcdcdcdcdcd>>>\n"))
    }
}
