import PeerNet
import PeerState
import PeerTesting
import Testing

/// An author over quota, seen by one node with peers 2, 3 and 4 on links 2, 3 and 4.
@Suite struct PostponingTests {
    static let home = SyncCoreTests.home
    static let flooder = toyPeer(2)
    private var flooder: Peer.ID { Self.flooder }

    /// A node to which the flooder has pushed all of `events`; the first 500 are committed.
    static func flooded(_ events: [ToyEvent]) throws -> ToyNode {
        var node = SyncPushTests.node()
        for event in events {
            let effects = node.receive(SyncPushTests.push(event), LinkID(2))
            #expect(try toyMessages(effects).isEmpty, "nothing is asked for one by one")
        }
        _ = try SyncPushTests.commit(
            &node, Array(events.prefix(Int(Limits.authorBurst))), origin: 2)
        return node
    }

    static func wants(_ effects: [SyncCore.Effect]) throws -> [[SeqRange]] {
        try SyncCoreTests.wants(effects).map(\.ranges)
    }

    @Test func `what is over quota is counted and asked for once, when he is calm`() throws {
        let events = toyChain(flooder, Self.home, 1_000)
        var node = try Self.flooded(events)
        #expect(node.core.pushes.overAuthor == 500)
        #expect(node.core.doubtfulAuthors(in: Self.home, .zero) == [Self.flooder])
        #expect(try Self.wants(node.handle(.timer, at: 1_499)).isEmpty)
        let wants = try Self.wants(node.handle(.timer, at: 1_500))
        #expect(wants == [[SeqRange(author: Self.flooder, from: 501, to: 1_000)]])
        #expect(node.core.pushes.laterWants == 1)
        _ = try SyncPushTests.commit(&node, Array(events.dropFirst(500)), origin: 2)
        for turn in 2...4 { _ = node.handle(.timer, at: UInt64(turn) * 1_500) }
        #expect(node.core.doubtfulAuthors(in: Self.home, .zero + 6_000).isEmpty)
        #expect(node.core.postponedCount == 0)
    }

    @Test func `who is about to be over quota is not rested on`() throws {
        var node = SyncPushTests.node()
        let events = toyChain(Self.flooder, Self.home, 401)
        for event in events.dropLast() { _ = node.receive(SyncPushTests.push(event), LinkID(2)) }
        #expect(node.core.doubtfulAuthors(in: Self.home, .zero).isEmpty)
        _ = node.receive(SyncPushTests.push(events[400]), LinkID(2))
        #expect(node.core.doubtfulAuthors(in: Self.home, .zero) == [Self.flooder])
        #expect(node.core.doubtfulAuthors(in: Self.home, .zero + 4_999) == [Self.flooder])
        #expect(node.core.doubtfulAuthors(in: Self.home, .zero + 5_000).isEmpty)
        #expect(node.core.postponedCount == 0)
    }

    @Test func `the core wakes for his turn`() throws {
        var wakes: [Instant] = []
        var node = SyncPushTests.node()
        for event in toyChain(flooder, Self.home, 501) {
            for case .wake(let at) in node.receive(SyncPushTests.push(event), LinkID(2)) {
                wakes.append(at)
            }
        }
        #expect(wakes.last == Instant.zero + Limits.postponedTurn)
    }

    @Test func `while he floods he gets what his quota pays for and no more`() throws {
        let events = toyChain(flooder, Self.home, 12_000)
        var node = try Self.flooded(Array(events.prefix(1_000)))
        var next = 1_000
        var asked: [SeqRange] = []
        // A thousand a second for ten seconds, of which he answers each Want at once.
        for time in UInt64(1)...10_000 {
            let effects =
                node.receive(SyncPushTests.push(events[next]), LinkID(2), at: time)
                + (time % 10 == 0 ? node.handle(.timer, at: time) : [])
            next += 1
            for ranges in try Self.wants(effects) {
                #expect(ranges.count == 1)
                asked += ranges
                let range = try #require(ranges.first)
                let id = try #require(try SyncCoreTests.wants(effects).first?.id)
                try Self.answer(&node, id, events, range, at: time)
            }
        }
        let brought = asked.reduce(0) { $0 + $1.to - $1.from + 1 }
        #expect((5...7).contains(asked.count), "\(asked.count) Wants in ten seconds")
        #expect((300...500).contains(brought), "\(brought) events in ten seconds")
        #expect(node.core.pushes.overAuthor > 9_000)
        #expect(node.core.pushes.postponed >= brought)
        #expect(node.replica.heads(of: Self.home)[flooder]?.seq == 500 + brought)
    }

    /// Gives a Want what it asks for.
    private static func answer(
        _ node: inout ToyNode, _ id: UInt64, _ events: [ToyEvent], _ range: SeqRange,
        at time: UInt64
    ) throws {
        let given = Array(events[Int(range.from - 1)..<Int(range.to)])
        let bytes = given.reduce(0) { $0 + $1.envelope.count }
        let promise = SyncMessage.preSync(
            home, id: id, events: UInt64(given.count), bytes: UInt64(bytes))
        _ = node.receive(promise, LinkID(2), at: time)
        _ = node.receive(
            .events(home, id: id, given.map(\.envelope), isLast: true), LinkID(2), at: time)
        _ = try SyncPushTests.commit(&node, given, origin: 2)
        _ = node.handle(.consumed(LinkID(2), wantID: id, bytes: bytes), at: time)
    }

    @Test func `a gap of somebody else is asked for at once, by a Want of its own`() throws {
        let events = toyChain(flooder, Self.home, 1_000)
        var node = try Self.flooded(events)
        let others = toyChain(toyPeer(3), Self.home, 3)
        // Also on the very link that the flood came over.
        let effects = node.receive(SyncPushTests.push(others[2]), LinkID(2), at: 1_500)
        let wants = try Self.wants(effects)
        #expect(wants == [[SeqRange(author: toyPeer(3), from: 1, to: 3)]])
        let later = try Self.wants(node.handle(.timer, at: 1_500))
        #expect(later == [[SeqRange(author: flooder, from: 501, to: 1_000)]])
    }

    @Test func `all who are postponed share one Want`() throws {
        var node = SyncPushTests.node()
        for author in [toyPeer(2), toyPeer(3)].sorted() {
            for event in toyChain(author, Self.home, 600) {
                _ = node.receive(SyncPushTests.push(event), LinkID(2))
            }
        }
        let wants = try Self.wants(node.handle(.timer, at: 1_500))
        #expect(wants.count == 1 && wants.first?.count == 2)
    }

    @Test func `a catch-up ends though somebody floods`() throws {
        let events = toyChain(flooder, Self.home, 1_000)
        var node = try Self.flooded(events)
        let peer = node.replica.heads(of: Self.home)
        let other = toyChain(toyPeer(3), Self.home, 1)
        var heads = peer
        heads[toyPeer(3)] = SyncCoreTests.head(other[0])
        _ = node.receive(SyncCoreTests.hello(heads, from: 3), LinkID(3), at: 10)
        let wants = try SyncCoreTests.learn(
            &node, [(toyPeer(3), SyncCoreTests.head(other[0]))], from: LinkID(2), at: 10)
        #expect(wants.count == 1)
        let id = try #require(wants.first?.id)
        let bytes = other[0].envelope.count
        _ = node.receive(
            .preSync(Self.home, id: id, events: 1, bytes: UInt64(bytes)), LinkID(2), at: 11)
        _ = node.receive(
            .events(Self.home, id: id, [other[0].envelope], isLast: true), LinkID(2), at: 11)
        _ = try SyncPushTests.commit(&node, other, origin: 2)
        let ended = node.handle(.consumed(LinkID(2), wantID: id, bytes: bytes), at: 12)
        #expect(ended.contains(.caughtUp(Self.home, LinkID(2))))
    }

    @Test func `an announced event of his waits for his turn as well`() throws {
        let events = toyChain(flooder, Self.home, 1_000)
        var node = try Self.flooded(events)
        let announced = SyncMessage.Announced(
            id: Event.ID(toyServer(8)), handle: flooder.prefix, seq: 1_050, round: 0)
        #expect(try toyMessages(node.receive(.iHave(Self.home, [announced]), LinkID(3))).isEmpty)
        let wants = try Self.wants(node.handle(.timer, at: 1_500))
        #expect(wants.map(\.count) == [1], "from one of the two who have it")
    }

    @Test func `a Want that must wait is counted once`() throws {
        var node = SyncPushTests.node()
        for number in 0..<30 {
            let chain = toyChain(toyPeer(50 + number), Self.home, 2)
            let effects = node.receive(SyncPushTests.push(chain[1]), LinkID(2))
            guard let id = try SyncCoreTests.wants(effects).first?.id else { continue }
            // Nothing to give: the place is free again.
            _ = node.receive(.preSync(Self.home, id: id, events: 0, bytes: 0), LinkID(2))
            _ = node.receive(.events(Self.home, id: id, [], isLast: true), LinkID(2))
        }
        #expect(node.core.pushes.heldWants == 1)
    }
}
