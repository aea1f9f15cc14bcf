import AgentServer
import Testing
import peer_agent

/// The lines of `watch`.
@Suite struct WatchLineTests {
    private let cursor = Cursor(feed: 42).text(storeTag: 7)

    private func message(_ channel: String) throws -> ShownMessage {
        try #require(
            ShownMessage([
                "id": "aa", "at": "2026-01-31T12:34:56Z", "from": "bob", "from_id": "bb",
                "channel": .string(channel), "channel_id": "cc", "server_id": "dd",
                "channel_seq": 3, "text": "hi", "trust": "member",
            ]))
    }

    @Test func `an event has the fields of the contract`() throws {
        let lines = WatchLines(isJSON: true)
        let json = try JSON(parsing: Array(lines.line(try message("ops"), cursor: cursor).utf8))
        #expect(json["v"] == 1 && json["feed"] == 42 && json["type"] == "MessageReceived")
        #expect(json["cursor"]?.string == cursor && json["server_id"] == "dd")
        let data = json["data"]
        #expect(data?["channel"] == "ops" && data?["author"] == "bb" && data?["text"] == "hi")
        #expect(data?["is_local"] == false && data?["late"] == false)
    }

    @Test func `a burst is one line with counts`() throws {
        let burst = [try message("ops"), try message("dev"), try message("ops")]
        let json = WatchLines(isJSON: true).settled(burst, cursor: cursor)
        #expect(json.contains(#""data":{"channels":{"ops":2,"dev":1}}"#))
        let text = WatchLines(isJSON: false).settled(burst, cursor: cursor)
        #expect(text == "Settled #ops 2, #dev 1")
    }

    private func event(_ type: String, _ data: JSON, feed: JSON = 42) -> JSON {
        [
            "_meta": ["io.modelcontextprotocol/subscriptionId": 1], "feed": feed,
            "cursor": .string(cursor), "type": .string(type), "server_id": "dd",
            "at": "2026-01-31T12:34:56.000Z", "data": data,
        ]
    }

    @Test func `an event that the node tells is passed on with its version`() throws {
        let told = event("PresenceChanged", ["peer_id": "aa"], feed: .null)
        let line = WatchLines(isJSON: true).line(told)
        let json = try JSON(parsing: Array(line.utf8))
        #expect(json.object?.members.first == .init("v", 1))
        var wanted = told.object ?? JSONObject()
        wanted["_meta"] = nil
        wanted.append("v", 1)
        #expect(Set(json.object?.members.map(\.key) ?? []) == Set(wanted.members.map(\.key)))
        #expect(json["feed"] == .null && json["data"] == ["peer_id": "aa"])
        #expect(!line.contains("\n"))
    }

    @Test func `people see where it was, and ids by their beginning`() {
        let id = String(repeating: "ab", count: 32)
        let told = event(
            "MessageReceived",
            [
                "channel": "ops\u{1B}[31m", "channel_id": .string(id),
                "message_id": .string(id), "mention": false, "late": true,
            ])
        let line = WatchLines(isJSON: false).line(told)
        #expect(line.hasPrefix("MessageReceived #ops"))
        #expect(!line.contains("\u{1B}") && !line.contains("channel_id"))
        #expect(line.contains("message_id=\(id.prefix(16)) ") && line.hasSuffix("late=true"))
    }

    @Test func `a burst of events counts those of channels`() {
        let burst = [
            event("MessageReceived", ["channel": "ops"]), event("MemberJoined", ["via": "x"]),
            event("ReactionAdded", ["channel": "ops"]), event("MessagePinned", ["channel": "dev"]),
        ]
        let line = WatchLines(isJSON: true).settled(burst)
        #expect(line.contains(#""data":{"channels":{"ops":2,"dev":1}}"#))
        #expect(line.contains(#""feed":42"#) && line.contains(#""type":"Settled""#))
        #expect(WatchLines(isJSON: false).settled(burst) == "Settled #ops 2, #dev 1")
    }
}
