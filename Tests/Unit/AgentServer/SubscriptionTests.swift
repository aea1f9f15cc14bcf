import AgentServer
import PeerNode
import PeerState
import PeerTesting
import Testing

/// MCP 2.2 U1–U4, 2.4 L6, 4.3: being told what changed.
@Suite(.timeLimit(.minutes(Patience.minutes))) struct SubscriptionTests {
    private let client = TestClient()
    private var port: FakePort { client.port }
    private static let messages = "peer://channel/general/messages"
    private let messages = Self.messages

    private func listen(_ filter: JSONObject) async -> JSON {
        await client.begin(
            "subscriptions/listen", TestClient.modern(["notifications": .object(filter)]))
    }

    private func updated(_ uri: String, _ id: JSON? = nil) -> JSON {
        var params = JSONObject()
        if let id { params["_meta"] = ["io.modelcontextprotocol/subscriptionId": id] }
        params["uri"] = .string(uri)
        return [
            "jsonrpc": "2.0", "method": "notifications/resources/updated",
            "params": .object(params),
        ]
    }

    /// The next frame, however many pauses of the watch lie before it.
    private func nextInTime() async -> JSON {
        while client.pending.isEmpty && !Task.isCancelled {
            await port.advance(250)
            await Task.yield()
        }
        return await client.next()
    }

    /// Waits until the watch pauses after having looked at a change.
    private func looked() async {
        await port.until { port in
            port.sleepers.values.contains { $0.due == port.now + 250 }
        }
    }

    @Test func `listening is acknowledged with what is honoured`() async {
        let id = await listen([
            "toolsListChanged": true, "promptsListChanged": true, "resourcesListChanged": true,
            "resourceSubscriptions": [
                "peer://inbox", "peer://nothing", 5, "peer://channel/gener%61l/messages?limit=3",
                "peer://help", "peer://channel/nowhere/messages",
            ],
        ])
        #expect(
            await client.next() == [
                "jsonrpc": "2.0", "method": "notifications/subscriptions/acknowledged",
                "params": [
                    "_meta": ["io.modelcontextprotocol/subscriptionId": id],
                    "notifications": [
                        "toolsListChanged": true, "promptsListChanged": true,
                        "resourcesListChanged": true,
                        "resourceSubscriptions": [
                            "peer://inbox", "peer://channel/gener%61l/messages?limit=3",
                        ],
                    ],
                ],
            ])
    }

    @Test func `a changed value is told once, the last change always`() async {
        let id = await listen(["resourceSubscriptions": ["peer://identity", .string(messages)]])
        _ = await client.notification("notifications/subscriptions/acknowledged")
        await port.post(Fake.message(1))
        #expect(await client.next() == updated(messages, id))
        await looked()
        for number in 2...9 as ClosedRange<UInt64> { await port.post(Fake.message(number)) }
        #expect(await client.ask("tools/list", TestClient.modern())["result"] != nil)
        #expect(client.pending.isEmpty)
        #expect(await nextInTime() == updated(messages, id))
        await port.change([.messages(Fake.serverID, Fake.generalID), .connection, .identity])
        await port.set { $0.name = "other" }
        await port.change([.messages(Fake.serverID, Fake.generalID), .identity])
        #expect(await nextInTime() == updated("peer://identity", id))
    }

    /// Every page names where the node's events have come to, which is no change of what it shows.
    @Test func `what happens elsewhere is not told, though each cursor moves`() async {
        await port.set { $0.channelList.append(Fake.channel(2, name: "tea")) }
        let uris: [JSON] = [.string(messages), "peer://identity"]
        let id = await listen(["resourceSubscriptions": .array(uris)])
        _ = await client.notification("notifications/subscriptions/acknowledged")
        func page() async -> JSON {
            await client.ask("resources/read", TestClient.modern(["uri": .string(messages)]))
        }
        let before = await page()["result"]
        await port.post(Fake.message(1, channel: Fake.channelID(2)))
        await port.set { $0.name = "other" }
        await port.change([.messages(Fake.serverID, Fake.generalID), .identity])
        #expect(await nextInTime() == updated("peer://identity", id))
        #expect(await page()["result"] != before)
    }

    @Test func `the id of a stream keeps its type`() async {
        await client.send([
            "jsonrpc": "2.0", "id": 7, "method": "subscriptions/listen",
            "params": TestClient.modern(["notifications": [:]]),
        ])
        let frame = await client.next()
        #expect(frame["params"]?["_meta"]?["io.modelcontextprotocol/subscriptionId"] == 7)
        #expect(frame["params"]?["notifications"] == [:])
    }

    @Test func `a cancelled stream is silent, one at the end of input says goodbye`() async {
        let first = await listen(["resourceSubscriptions": [.string(messages)]])
        _ = await client.next()
        let second = await listen(["resourceSubscriptions": [.string(messages)]])
        _ = await client.next()
        await client.send([
            "jsonrpc": "2.0", "method": "notifications/cancelled",
            "params": ["requestId": first],
        ])
        await port.post(Fake.message(1))
        #expect(await client.next() == updated(messages, second))
        await client.session.endOfInput()
        await client.session.finish()
        let goodbye = client.pending
        #expect(goodbye.count == 1)
        #expect(goodbye.first?["id"] == second)
        #expect(goodbye.first?["result"]?["resultType"] == "complete")
        #expect(
            goodbye.first?["result"]?["_meta"]?["io.modelcontextprotocol/subscriptionId"]
                == second)
    }

    @Test func `new channels change the list`() async {
        let id = await listen(["resourcesListChanged": true])
        _ = await client.next()
        await port.change([.channels(Fake.serverID)])
        await looked()
        #expect(client.pending.isEmpty)
        await port.set { $0.channelList.append(Fake.channel(2, name: "tea")) }
        await port.change([.channels(Fake.serverID)])
        let frame = await nextInTime()
        #expect(frame["method"] == "notifications/resources/list_changed")
        #expect(
            frame["params"] == ["_meta": ["io.modelcontextprotocol/subscriptionId": id]])
        // The clock may have moved by one pause since.
        await port.until { port in
            port.sleepers.values.contains { $0.due >= port.now + 500 }
        }
    }

    @Test func `losing a channel is told once`() async {
        let id = await listen(["resourceSubscriptions": ["peer://identity", .string(messages)]])
        _ = await client.next()
        await port.set { $0.channelList = [] }
        await port.change([.channels(Fake.serverID)])
        #expect(await client.next() == updated(messages, id))
        await port.set { $0.name = "other" }
        await port.change([.channels(Fake.serverID), .identity])
        #expect(await nextInTime() == updated("peer://identity", id))
    }

    @Test(arguments: [
        #"{}"#, #"{"notifications":5}"#, #"{"notifications":{"toolsListChanged":1}}"#,
        #"{"notifications":{"resourceSubscriptions":"x"}}"#,
    ])
    func `a filter of the wrong shape is refused`(params: String) async throws {
        let object = try #require(try JSON(parsing: Array(params.utf8)).object)
        let answer = await client.ask("subscriptions/listen", TestClient.modern(object))
        #expect(answer["error"]?["code"] == -32602)
    }

    @Test func `17 streams are one too many, and cancelled ones make room`() async {
        var ids: [JSON] = []
        for _ in 0..<16 {
            ids.append(await listen([:]))
            _ = await client.next()
        }
        let refused = await listen([:])
        let answer = await client.frame { $0["id"] == refused }
        #expect(answer["error"]?["code"] == 4029)
        await client.send([
            "jsonrpc": "2.0", "method": "notifications/cancelled",
            "params": ["requestId": ids[0]],
        ])
        while true {
            let id = await listen([:])
            let frame = await client.next()
            if frame["id"] != id { break }
        }
    }

    @Test func `256 addresses are the most`() async {
        await port.set { port in
            port.channelList = (0..<300).map { Fake.channel($0 + 1, name: "c\($0)") }
        }
        let uris = (0..<300).map { JSON.string("peer://channel/c\($0)/messages") }
        _ = await listen(["resourceSubscriptions": .array(uris)])
        let honoured = await client.next()["params"]?["notifications"]?["resourceSubscriptions"]
        #expect(honoured?.array?.count == 256)
    }

    @Test func `legacy clients subscribe and unsubscribe`() async {
        _ = await client.initialize()
        await port.until { $0.listeners == 1 }
        let params: JSON = ["uri": .string(messages)]
        #expect(await client.ask("resources/subscribe", params)["result"] == [:])
        await port.post(Fake.message(1))
        #expect(await client.next() == updated(messages))
        await looked()
        #expect(await client.ask("resources/unsubscribe", params)["result"] == [:])
        await port.post(Fake.message(2))
        await port.set { $0.channelList.append(Fake.channel(2, name: "tea")) }
        await port.change([.channels(Fake.serverID)])
        #expect(
            await nextInTime()
                == ["jsonrpc": "2.0", "method": "notifications/resources/list_changed"])
        #expect(client.pending.isEmpty)
    }
}
