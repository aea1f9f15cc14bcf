import PeerNet
import PeerState
import PeerTesting
import Testing

/// Those who go on speaking of a server of which they are no members (PROTOCOL 9.1, 13).
@Suite struct StrangerFloodTests {
    private static let home = SyncCoreTests.home
    private static let link = SyncCoreTests.link

    private static func node(_ standing: PeerStanding) -> ToyNode {
        var node = SyncCoreTests.node(toyChain(toyPeer(1), home, 3), members: [1])
        node.replica.held[home]?.standings[toyPeer(2)] = standing
        _ = node.handle(toyUp(1, 2))
        return node
    }

    /// Counts answers to `count` questions that all come at one time.
    private static func ask(
        _ node: inout ToyNode, _ count: Int, at time: UInt64
    ) throws -> (answers: Int, closed: Bool) {
        var effects: [SyncCore.Effect] = []
        for _ in 0..<count {
            effects += node.receive(.headAsk(home, handles: [1]), link, at: time)
        }
        let answers = try SyncReconcileTests.rejects(effects)
        #expect(answers.allSatisfy { $0 == "notMember" })
        return (answers.count, effects.contains(.close(link, code: "lowScore")))
    }

    @Test(arguments: [PeerStanding.stranger, .former])
    func `twenty refusals a minute are free, and more are not answered`(
        standing: PeerStanding
    ) throws {
        var node = Self.node(standing)
        for minute: UInt64 in 0..<3 {
            let time = 60_000 * minute
            let before = node.core.scores.score(of: toyPeer(2), .zero + Milliseconds(time))
            #expect(try Self.ask(&node, 20, at: time).answers == 20)
            let after = node.core.scores.score(of: toyPeer(2), .zero + Milliseconds(time))
            #expect(after == before, "no score below 20 a minute")
            #expect(try Self.ask(&node, 1, at: time + 59_999).answers == 0)
        }
    }

    @Test func `what was under way at a removal counts once, insisting ends the link`() throws {
        var node = Self.node(.stranger)
        let burst = try Self.ask(&node, 1_000, at: 0)
        #expect(burst.answers == 20 && !burst.closed)
        #expect(node.core.scores.score(of: toyPeer(2), .zero) == -1)
        var closedAt: UInt64?
        for second: UInt64 in 1..<30 where closedAt == nil {
            let more = try Self.ask(&node, 200, at: second * 1_000)
            #expect(more.answers == 0)
            if more.closed { closedAt = second }
        }
        #expect((5...12).contains(closedAt ?? 0))
    }
}
