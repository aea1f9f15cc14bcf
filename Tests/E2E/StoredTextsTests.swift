import PeerNet
import PeerNode
import PeerState
import PeerTesting
import Testing

/// A running node reads from its store, also one whose texts were never kept.
@Suite(.serialized) struct StoredTextsTests {
    private static func withFolder(
        _ body: (NodeOptions, EventLoop) async throws -> Void
    ) async throws {
        let folder = try LiveNodes.temporaryDirectory()
        defer { LiveNodes.remove(folder) }
        let loop = EventLoop()
        loop.start()
        var options = NodeOptions(dataDirectory: folder)
        options.displayName = "alice"
        options.listen = nil
        options.log = .silent
        var problem: (any Error)?
        do { try await body(options, loop) } catch { problem = error }
        loop.stop()
        if let problem { throw problem }
    }

    private static func post(
        _ node: Node, _ server: Server.ID, _ channel: Channel.ID, _ text: String
    ) async throws {
        _ = try await node.perform(
            .postMessage(
                PostMessage(principal: "a", server: server, channel: channel, text: text)))
    }

    @Test func `a database without texts is filled once when it is opened`() async throws {
        try await Self.withFolder { options, loop in
            var node = try await Node.start(options, on: loop)
            let created = try await node.perform(.createServer(name: "Harbour", description: ""))
            let server = try #require(created.server)
            let channel = try #require(created.channel)
            for index in 0..<30 { try await Self.post(node, server, channel, "message \(index)") }
            let request = PageRequest(
                server: server, channel: channel, anchor: .newest, limit: 50)
            let before = try await node.page(request)
            let unread = await node.inbox(principal: "b", channels: nil, messagesPerChannel: 5)
            #expect(before.messages.count == 30)
            #expect(unread.unread == 30)
            let feed = await node.feedPosition()
            await node.stop()

            try Self.forgetTexts(in: options.dataDirectory)
            node = try await Node.start(options, on: loop)
            let after = try await node.page(request)
            #expect(after.messages == before.messages)
            #expect(after.channel.channelSeq == 30)
            let again = await node.inbox(principal: "b", channels: nil, messagesPerChannel: 5)
            #expect(again.unread == 30)
            try await Self.post(node, server, channel, "one more")
            #expect(await node.feedPosition() == feed + 1)
            let found = try await node.search(
                SearchRequest(
                    terms: SearchQuery("more").terms,
                    places: [SearchRequest.Place(server: server, channel: channel)], limit: 5))
            #expect(found.hits.map(\.message.text) == ["one more"])
            #expect(found.total == 1)
            await node.stop()
        }
    }

    @Test func `S-166 a store is filled beside what is sent, and who reads waits for all of it`()
        async throws
    {
        try await Self.withFolder { options, loop in
            var options = options
            var node = try await Node.start(options, on: loop)
            let created = try await node.perform(.createServer(name: "Harbour", description: ""))
            let server = try #require(created.server)
            let channel = try #require(created.channel)
            for index in 0..<200 { try await Self.post(node, server, channel, "old \(index)") }
            await node.stop()

            try Self.forgetTexts(in: options.dataDirectory)
            options.eventsPerFill = 1
            node = try await Node.start(options, on: loop)
            let request = PageRequest(
                server: server, channel: channel, anchor: .newest, limit: 500)
            let filter = WaitFilter(principal: "b")
            // Neither a short wait nor who gives up stays until the end (I-22).
            let isOver = try await node.endedWhileFilling { [node] in
                _ = try await node.waitForNews(after: 0, filter: filter, timeout: 1)
            }
            let isLeft = try await node.endedWhileFilling { [node] in
                let call = Task { try await node.page(request) }
                let wait = Task {
                    try await node.waitForNews(after: 0, filter: filter, timeout: .seconds(600))
                }
                call.cancel()
                wait.cancel()
                _ = try await call.value
                #expect(try await !wait.value)
            }
            #expect(isOver && isLeft)
            async let page = node.page(request)
            let new = PostMessage(
                principal: "a", server: server, channel: channel, text: "new",
                clientMessageID: "once")
            let (outcome, wasFilling) = try await node.postedWhileFilling(new)
            #expect(wasFilling && outcome.kind == .applied && outcome.channelSeq == 201)
            #expect(try await page.messages.count == 201)
            #expect(await !node.isFillingTexts)
            let place = SearchRequest.Place(server: server, channel: channel)
            for (word, count) in [("old", 200), ("new", 1)] {
                let found = try await node.search(
                    SearchRequest(SearchQuery(word), places: [place], limit: 5))
                #expect(found.total == count)
            }
            await node.stop()
        }
    }

    /// As a crash in the middle of the filling, or a version that kept no texts, leaves it.
    private static func forgetTexts(in folder: String) throws {
        let directory = try DataDirectory(preparing: folder)
        let key = try Keystore.loadIdentity(from: directory)
        var entropy = Entropy.system
        let store = try StoreCore(directory, owner: key.publicKey, entropy: &entropy)
        try store.beginRebuild()
        var batch = StoreBatch()
        batch.settings.append(Setting(name: "texts/1", value: nil))
        try store.commit([batch])
        try store.close()
    }

    @Test func `S-301 a wait that begins while messages arrive misses none`() async throws {
        try await Self.withFolder { options, loop in
            let node = try await Node.start(options, on: loop)
            let created = try await node.perform(.createServer(name: "Harbour", description: ""))
            let server = try #require(created.server)
            let channel = try #require(created.channel)
            let count = 200
            let writer = Task {
                for index in 0..<count {
                    try await Self.post(node, server, channel, "message \(index)")
                }
            }
            let filter = WaitFilter(principal: "b")
            var seen: [String] = []
            var feed: UInt64 = 0
            while seen.count < count {
                guard
                    try await node.waitForNews(after: feed, filter: filter, timeout: .seconds(10))
                else { break }
                let news = await node.news(after: feed, filter: filter, limit: 7)
                #expect(!news.isEmpty, "woken for nothing")
                feed = news.last?.feed ?? feed
                seen += news.map(\.text)
            }
            try await writer.value
            #expect(seen == (0..<count).map { "message \($0)" })
            await node.stop()
        }
    }
}

extension Node {
    /// Whether texts were still being filled in the moment in which something ended.
    fileprivate func endedWhileFilling(
        _ body: @Sendable () async throws -> Void
    ) async throws -> Bool {
        try await body()
        return isFillingTexts
    }

    /// Whether texts were still being filled in the moment in which a post was acknowledged.
    fileprivate func postedWhileFilling(
        _ post: PostMessage
    ) async throws -> (outcome: Outcome, wasFilling: Bool) {
        let outcome = try await perform(.postMessage(post))
        return (outcome, isFillingTexts)
    }
}
