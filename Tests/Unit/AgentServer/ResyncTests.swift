import AgentServer
import PeerState
import PeerTesting
import Testing

/// MCP 2.2 U4: a listener that reads too slowly is told once from where to read on.
@Suite(.timeLimit(.minutes(Patience.minutes))) struct ResyncTests {
    private static let method = "notifications/peer-agent/event"

    private static func event(_ feed: Int64?) -> [UInt8] {
        let params: JSON = [
            "_meta": ["io.modelcontextprotocol/subscriptionId": 3],
            "feed": feed.map { .integer($0) } ?? .null,
            "cursor": .string(Cursor(feed: UInt64(feed ?? 20)).text(storeTag: 7)),
            "type": "MemberJoined", "at": "2026-01-01T00:00:00.000Z", "data": [:],
        ]
        let frame: JSON = ["jsonrpc": "2.0", "method": .string(method), "params": params]
        return frame.encoded
    }

    private static func notice(_ first: [UInt8], dropped: Int) throws -> JSON? {
        let frame = ResyncNotice.frame(
            first: first, dropped: dropped, storeTag: 7, now: 1_700_000_000_000)
        return try frame.map { try JSON(parsing: $0) }
    }

    @Test func `it names the place before the first that was dropped`() throws {
        let stream = Array("id: 0-4\nevent: message\ndata: ".utf8) + Self.event(12) + [0x0A, 0x0A]
        for bytes in [Self.event(12), stream] {
            let told = try #require(try Self.notice(bytes, dropped: 9))
            #expect(told["method"] == .string(Self.method))
            let params = told["params"]
            let cursor = JSON.string(Cursor(feed: 11).text(storeTag: 7))
            #expect(params?["type"] == "Resync" && params?["feed"] == .null)
            #expect(params?["cursor"] == cursor)
            #expect(params?["data"] == ["cursor": cursor, "dropped": 9])
            #expect(params?["_meta"]?["io.modelcontextprotocol/subscriptionId"] == 3)
        }
    }

    @Test func `what passes without a number names where the feed was`() throws {
        let told = try #require(try Self.notice(Self.event(nil), dropped: 1))
        #expect(told["params"]?["cursor"] == .string(Cursor(feed: 20).text(storeTag: 7)))
    }

    @Test func `other frames are no events`() throws {
        let update: JSON = ["jsonrpc": "2.0", "method": "notifications/resources/updated"]
        #expect(!ResyncNotice.isEvent(update.encoded))
        #expect(try Self.notice(update.encoded, dropped: 1) == nil)
    }
}
