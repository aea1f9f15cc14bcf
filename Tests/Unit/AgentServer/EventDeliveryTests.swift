import AgentServer
import PeerNode
import PeerState
import PeerTesting
import Testing

/// MCP 6.1, 6.4: how events read, and who is told of them.
@Suite(.timeLimit(.minutes(Patience.minutes))) struct EventDeliveryTests {
    private static func event(_ kind: NodeEventKind, feed: UInt64) -> NodeEvent {
        var event = NodeEvent(kind, server: Fake.serverID, atMilliseconds: FakePort.start)
        event.feed = feed
        event.channel = Fake.generalID
        return event
    }

    @Test(arguments: NodeEventKind.allCases.filter(\.isDurable))
    func `S-260 each numbered type is read by cursor and survives JSON`(kind: NodeEventKind)
        async throws
    {
        let client = TestClient()
        await client.port.set { $0.told = [Self.event(kind, feed: 7)] }
        let page = await client.structured("list_events")
        let event = try #require(page["events"]?[0])
        #expect(event["type"]?.string == kind.rawValue)
        #expect(event["feed"] == 7)
        #expect(event["server_id"]?.string == Fake.serverID.hex)
        #expect(event["at"] == "2026-01-01T00:00:00.000Z")
        #expect(try JSON(parsing: event.encoded) == event)
        #expect(event["cursor"] == page["cursor"])
        #expect(page["has_more"] == false)
    }

    @Test func `S-304 what is gone is said`() async throws {
        let client = TestClient()
        await client.port.set {
            $0.told = [
                Self.event(.messageReceived, feed: 9), Self.event(.reactionAdded, feed: 10),
            ]
        }
        let first = await client.structured("list_events", ["limit": 1])
        #expect(first["gap"] == nil && first["has_more"] == true)
        let rest = await client.structured(
            "list_events", ["after": try #require(first["cursor"])])
        #expect(rest["events"]?[0]?["type"] == "ReactionAdded")
        let old = Cursor(feed: 2).text(storeTag: client.port.storeTag)
        let gap = await client.structured("list_events", ["after": .string(old)])
        #expect(gap["gap"] == true)
        let oldest = try #require(gap["oldest_cursor"])
        let again = await client.structured("list_events", ["after": oldest])
        #expect(again["gap"] == nil)
        #expect(again["events"]?.array?.count == 2)
    }

    @Test func `a listener without the extension is not asked about events`() async {
        let client = TestClient()
        _ = await client.begin(
            "subscriptions/listen", TestClient.modern(["notifications": ["peerEvents": [:]]]))
        #expect(await client.next()["params"]?["notifications"] == [:])
    }
}
