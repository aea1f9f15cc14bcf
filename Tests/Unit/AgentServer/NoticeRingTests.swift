import AgentServer
import PeerState
import PeerTesting
import Testing

/// MCP 2.2 U4: what a client that does not read is told once it reads again.
@Suite struct NoticeRingTests {
    private static func event(_ feed: Int, stream: Int = 3) -> [UInt8] {
        let params: JSON = [
            "_meta": ["io.modelcontextprotocol/subscriptionId": JSON(stream)],
            "feed": JSON(feed),
            "cursor": .string(Cursor(feed: UInt64(feed)).text(storeTag: 7)),
            "type": "MemberJoined", "at": "2026-01-01T00:00:00.000Z", "data": [:],
        ]
        let frame: JSON = [
            "jsonrpc": "2.0", "method": "notifications/peer-agent/event", "params": params,
        ]
        return frame.encoded
    }

    private static func update(_ uri: String) -> [UInt8] {
        let frame: JSON = [
            "jsonrpc": "2.0", "method": "notifications/resources/updated",
            "params": ["uri": .string(uri)],
        ]
        return frame.encoded
    }

    private static func answer(_ id: Int) -> [UInt8] {
        let frame: JSON = ["jsonrpc": "2.0", "id": JSON(id), "result": [:]]
        return frame.encoded
    }

    private static func rest(_ ring: inout NoticeRing) -> [(bytes: [UInt8], isResync: Bool)] {
        var result: [(bytes: [UInt8], isResync: Bool)] = []
        while let next = ring.next(storeTag: 7, now: 1_700_000_000_000) { result.append(next) }
        return result
    }

    @Test func `what fits is told in its order, and nothing twice`() {
        var ring = NoticeRing()
        #expect(ring.isEmpty)
        let frames = [Self.event(1), Self.update("peer://inbox"), Self.event(2)]
        for frame in frames + [frames[1]] { #expect(ring.add(news: frame) == 0) }
        ring.add(answer: Self.answer(9))
        #expect(!ring.isEmpty)
        let told = Self.rest(&ring)
        #expect(told.map { $0.bytes } == frames + [Self.answer(9)])
        #expect(told.allSatisfy { !$0.isResync } && ring.isEmpty)
    }

    @Test func `beyond the bound one notice stands for all events`() throws {
        var ring = NoticeRing()
        _ = ring.add(news: Self.update("peer://inbox"))
        ring.add(answer: Self.answer(1))
        var dropped = 0
        let count = 3_000
        for feed in 1...count { dropped += ring.add(news: Self.event(feed)) }
        #expect(dropped == count)
        // What changes besides is still told.
        #expect(ring.add(news: Self.update("peer://status")) == 0)
        ring.add(answer: Self.answer(2))
        let told = Self.rest(&ring)
        let kept = [
            Self.update("peer://inbox"), Self.answer(1), Self.update("peer://status"),
            Self.answer(2),
        ]
        #expect(told.dropLast().map { $0.bytes } == kept)
        let last = try #require(told.last)
        #expect(last.isResync && ring.isEmpty)
        let params = try JSON(parsing: last.bytes)["params"]
        #expect(params?["type"] == "Resync" && params?["data"]?["dropped"] == JSON(count))
        #expect(params?["cursor"]?.string == Cursor(feed: 0).text(storeTag: 7))
        #expect(ring.add(news: Self.event(count + 1)) == 0)
        #expect(Self.rest(&ring).map { $0.bytes } == [Self.event(count + 1)])
    }

    @Test func `each stream of a pipe has a notice of its own`() throws {
        var ring = NoticeRing()
        for feed in 1...1_000 {
            for stream in [3, 4] { _ = ring.add(news: Self.event(feed, stream: stream)) }
        }
        let notices = try Self.rest(&ring).filter { $0.isResync }.map {
            try JSON(parsing: $0.bytes)["params"]
        }
        let ids = notices.map { $0?["_meta"]?["io.modelcontextprotocol/subscriptionId"] }
        #expect(ids == [3, 4])
        #expect(notices.map { $0?["data"]?["dropped"] } == [1_000, 1_000])
    }

    @Test func `addresses are bounded, too, and answers never lost`() {
        var ring = NoticeRing()
        var dropped = 0
        for number in 0..<2_000 {
            dropped += ring.add(news: Self.update("peer://\(number)"))
            ring.add(answer: Self.answer(number))
        }
        #expect(dropped == 2_000 - Limits.listenRing)
        #expect(Self.rest(&ring).count == 2_000 + Limits.listenRing)
    }

    @Test func `news are told from answers`() {
        #expect(NoticeRing.isNews(Self.event(1)) && NoticeRing.isNews(Self.update("x")))
        #expect(!NoticeRing.isNews(Self.answer(1)))
    }
}
