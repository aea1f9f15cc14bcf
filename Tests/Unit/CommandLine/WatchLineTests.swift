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
        let lines = WatchLines(isJSON: true, hasText: false)
        let json = try JSON(parsing: Array(lines.line(try message("ops"), cursor: cursor).utf8))
        #expect(json["v"] == 1 && json["feed"] == 42 && json["type"] == "MessageReceived")
        #expect(json["cursor"]?.string == cursor && json["server_id"] == "dd")
        let data = json["data"]
        #expect(data?["channel"] == "ops" && data?["author"] == "bb" && data?["text"] == nil)
        #expect(data?["is_local"] == false && data?["late"] == false)
    }

    @Test func `a burst is one line with counts`() throws {
        let burst = [try message("ops"), try message("dev"), try message("ops")]
        let json = WatchLines(isJSON: true, hasText: true).settled(burst, cursor: cursor)
        #expect(json.contains(#""data":{"channels":{"ops":2,"dev":1}}"#))
        let text = WatchLines(isJSON: false, hasText: true).settled(burst, cursor: cursor)
        #expect(text == "Settled #ops 2, #dev 1")
    }
}
