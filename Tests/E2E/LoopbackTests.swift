import PeerNode
import PeerState
import PeerTesting
import Testing

/// Whole nodes on real sockets, threads and files.
@Suite(.serialized) struct LoopbackTests {
    @Test func `two nodes join, chat and agree over TCP`() async throws {
        try await LiveNodes.with(2) { nodes in
            let (alice, bob) = (nodes[0], nodes[1])
            let created = try await alice.perform(.createServer(name: "Harbour", description: ""))
            let server = try #require(created.server)
            let channel = try #require(created.channel)
            let invite = try await alice.perform(
                .invite(server: server, recipient: bob.peerID, expiresAtMilliseconds: nil))
            let joined = try await bob.perform(
                .acceptInvite(code: try #require(invite.inviteCode)))
            #expect(joined.kind == .applied)
            for index in 0..<20 {
                let post = PostMessage(
                    principal: "a", server: server, channel: channel, text: "message \(index)")
                let outcome = try await alice.perform(.postMessage(post))
                #expect(outcome.kind == .applied)
                #expect(outcome.reached == 1)
            }
            let filter = WaitFilter(principal: "b")
            var seen: [String] = []
            var feed: UInt64 = 0
            while seen.count < 20 {
                let found = try await bob.waitForNews(
                    after: feed, filter: filter, timeout: .seconds(10))
                guard found else { break }
                let news = await bob.news(after: feed, filter: filter, limit: 100)
                feed = news.last?.feed ?? feed
                seen += news.map(\.text)
            }
            #expect(seen == (0..<20).map { "message \($0)" })
            let reply = PostMessage(
                principal: "b", server: server, channel: channel, text: "all here")
            let answered = try await bob.perform(.postMessage(reply))
            #expect(answered.kind == .applied)
            let woken = try await alice.waitForNews(
                after: 0, filter: WaitFilter(principal: "a"), timeout: .seconds(10))
            #expect(woken)
        }
    }

    @Test func `a wait ends when its task is cancelled or its time is over`() async throws {
        try await LiveNodes.with(1) { nodes in
            let node = nodes[0]
            let filter = WaitFilter(principal: "a")
            let timedOut = try await node.waitForNews(after: 0, filter: filter, timeout: 30)
            #expect(!timedOut)
            let wait = Task {
                try await node.waitForNews(after: 0, filter: filter, timeout: .seconds(600))
            }
            wait.cancel()
            let found = try await wait.value
            #expect(!found)
        }
    }

    /// The simulator drives cores, in which nothing waits (HOSTILE 1.5, cancel).
    @Test func `I-22 what is given up at any suspension ends, and leaves its place`()
        async throws
    {
        print("seed 2201")
        try await LiveNodes.with(1) { nodes in
            var random = SeededRandom(seed: 2_201)
            let node = nodes[0]
            let created = try await node.perform(.createServer(name: "Harbour", description: ""))
            let server = try #require(created.server)
            let channel = try #require(created.channel)
            let place = PageRequest(server: server, channel: channel, anchor: .newest, limit: 500)
            let filter = WaitFilter(principal: "a")
            let rounds = 2 * Limits.waitersPerPrincipal
            for round in 0..<rounds {
                let post = PostMessage(
                    principal: "b", server: server, channel: channel, text: "message",
                    clientMessageID: "\(round)")
                let act = Task { try await node.perform(.postMessage(post)) }
                let wait = Task {
                    try await node.waitForNews(
                        after: 1 << 40, filter: filter, timeout: .seconds(600))
                }
                let page = Task { try await node.page(place) }
                for _ in 0..<Int.random(in: 0..<24, using: &random) { await Task.yield() }
                for cancel in [act.cancel, wait.cancel, page.cancel] { cancel() }
                #expect(try await act.value.kind == .applied, "round \(round)")
                _ = try await wait.value
                _ = try await page.value
            }
            #expect(try await node.page(place).messages.count == rounds)
        }
    }
}
