import PeerNet
import PeerState
import PeerTesting
import Testing

/// The sync core among more neighbours than a full mesh has.
@Suite struct SyncGossipTests {
    static let home = SyncCoreTests.home

    /// Node 1 with peers 2 … 11 on links of the same number.
    static func node() -> ToyNode {
        var node = SyncCoreTests.node(members: Array(1...11))
        for number in 2...11 { _ = node.handle(toyUp(UInt64(number), number)) }
        return node
    }

    @Test func `who brings an event again is pruned, and asked again when it is missing`() throws {
        var node = Self.node()
        let events = toyChain(toyPeer(9), Self.home, 2)
        _ = node.receive(SyncPushTests.push(events[0], round: 2), LinkID(2))
        let second = try toyMessages(
            node.receive(SyncPushTests.push(events[0], round: 2), LinkID(3)))
        #expect(second == [.prune(Self.home, backoffSeconds: 0)])
        let sent = try SyncPushTests.commit(&node, [events[0]], origin: 2)
        #expect(sent.map(\.link) == Array(4...11), "neither back nor to who has it")

        let next = SyncMessage.Announced(
            id: events[1].id, handle: toyPeer(9).prefix, seq: 2, round: 5)
        let heard = node.receive(.iHave(Self.home, [next]), LinkID(3), at: 1_000)
        #expect(try toyMessages(heard).isEmpty, "the tree has time to bring it")
        let due = try SyncPushTests.sent(node.handle(.timer, at: 1_080))
        #expect(due.map(\.link) == [3])
        #expect(due.map(\.message) == [.graft(Self.home, events[1].id, nil)])
        let pushed = node.receive(SyncPushTests.push(events[1], round: 5), LinkID(3), at: 1_100)
        #expect(pushed.contains { if case .deliver = $0 { true } else { false } })
    }

    @Test func `a Graft is answered from the cache, and what nobody gave is wanted`() throws {
        var node = Self.node()
        let event = toyChain(toyPeer(9), Self.home, 1)[0]
        _ = node.receive(SyncPushTests.push(event, round: 3), LinkID(2))
        _ = try SyncPushTests.commit(&node, [event], origin: 2)
        let graft = SyncMessage.graft(Self.home, event.id, nil)
        let answer = try SyncPushTests.sent(node.receive(graft, LinkID(5)))
        #expect(answer.map(\.link) == [5])
        #expect(answer.map(\.message) == [SyncPushTests.push(event, round: 4)])

        let lost = SyncMessage.Announced(
            id: Event.ID(toyServer(8)), handle: toyPeer(9).prefix, seq: 2, round: 5)
        let asked = try toyMessages(node.receive(.iHave(Self.home, [lost]), LinkID(2)))
        #expect(asked == [.graft(Self.home, lost.id, nil)])
        let wants = try SyncCoreTests.wants(node.handle(.timer, at: 2_000))
        #expect(wants.map(\.ranges) == [[SeqRange(author: toyPeer(9), from: 2, to: 2)]])
        // The promise was broken as well: the peer is there, and gives something else.
        _ = node.receive(SyncPushTests.push(event, round: 3), LinkID(2), at: 2_900)
        _ = node.handle(.timer, at: 4_000)
        #expect(node.core.scores.score(of: toyPeer(2), .zero + 4_000) < 0.1)
    }

    @Test func `a Graft of a range is read from the store and pushed`() throws {
        var node = Self.node()
        let events = toyChain(toyPeer(9), Self.home, 5)
        for event in events { _ = node.replica.insert(event) }
        let range = SeqRange(author: toyPeer(9), from: 2, to: 4)
        let effects = node.receive(.graft(Self.home, events[3].id, range), LinkID(4))
        var pushed: [SyncMessage] = []
        for case .read(let request) in effects {
            pushed += try toyMessages(
                node.handle(.loaded(request.id, node.replica.page(request))))
        }
        #expect(pushed.map(\.type) == [31, 31, 31])
    }

    @Test func `who brings what validators reject is dropped and refused for a while`() throws {
        var node = Self.node()
        let effects = (0..<3).flatMap { _ in node.handle(.invalid(LinkID(4)), at: 1_000) }
        #expect(effects.contains(.close(LinkID(4), code: "lowScore")))
        #expect(try toyMessages(effects).contains(.prune(Self.home, backoffSeconds: 60)) == false)
        _ = node.handle(.linkDown(LinkID(4)), at: 1_000)
        let again = node.handle(toyUp(40, 4), at: 300_000)
        #expect(again.contains(.close(LinkID(40), code: "lowScore")))
        _ = node.handle(.linkDown(LinkID(40)), at: 300_000)
        let later = node.handle(toyUp(41, 4), at: 700_000)
        #expect(!later.contains(.close(LinkID(41), code: "lowScore")))
    }

    @Test func `an announcement flood costs score, and an honest batch does not`() {
        var scores = PeerScores()
        scores.linkUp(toyPeer(1), .zero)
        for _ in 0..<4 { scores.note(.behaviour(.announcementFlood), of: toyPeer(1), .zero) }
        #expect(scores.standing(of: toyPeer(1), .zero) == .silent)
        #expect(scores.standing(of: toyPeer(1), .zero + 10_000) == .silent)
        #expect(scores.standing(of: toyPeer(1), .zero + 300_000) == .full)
        for _ in 0..<8 { scores.note(.behaviour(.brokenPromise), of: toyPeer(2), .zero) }
        #expect(scores.standing(of: toyPeer(2), .zero) == .dropped)
        #expect(scores.isRefused(toyPeer(2), .zero + 599_000))
        #expect(!scores.isRefused(toyPeer(2), .zero + 600_000))
    }
}
