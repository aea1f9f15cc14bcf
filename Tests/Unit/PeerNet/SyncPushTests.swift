import PeerNet
import PeerState
import PeerTesting
import Testing

@Suite struct SyncPushTests {
    static let home = SyncCoreTests.home

    /// Node 1 with peers 2, 3 and 4 on links 2, 3 and 4.
    static func node(_ events: [ToyEvent] = []) -> ToyNode {
        var node = SyncCoreTests.node(events, members: [1, 2, 3, 4])
        for number in 2...4 { _ = node.handle(toyUp(UInt64(number), number)) }
        return node
    }

    static func commit(
        _ node: inout ToyNode, _ events: [ToyEvent], origin: UInt64?, isPushable: Bool = true
    ) throws -> [(link: UInt64, message: SyncMessage)] {
        for event in events { _ = node.replica.insert(event) }
        let committed = events.map {
            SyncCore.CommittedEvent(
                author: $0.author, seq: $0.seq, id: $0.id, envelope: $0.envelope,
                origin: origin.map { LinkID($0) }, isOwn: origin == nil, isPushable: isPushable)
        }
        return try sent(node.handle(.committed(home, committed)))
    }

    static func sent(
        _ effects: [SyncCore.Effect]
    ) throws -> [(link: UInt64, message: SyncMessage)] {
        var sent: [(UInt64, SyncMessage)] = []
        for case .send(let link, let bytes) in effects {
            sent.append((link.number, try SyncMessage(decoding: bytes)))
        }
        return sent
    }

    static func push(_ event: ToyEvent, round: UInt64 = 0) -> SyncMessage {
        .push(home, round: round, event.envelope)
    }

    @Test func `an own event goes to every linked member at once`() throws {
        var node = Self.node()
        let event = toyChain(toyPeer(1), Self.home, 1)[0]
        let sent = try Self.commit(&node, [event], origin: nil)
        #expect(sent.map(\.link) == [2, 3, 4])
        #expect(sent.allSatisfy { $0.message == Self.push(event) })
    }

    @Test func `a pushed event goes on one round further, not back and not twice`() throws {
        var node = Self.node()
        let event = toyChain(toyPeer(9), Self.home, 1)[0]
        let first = node.receive(Self.push(event, round: 3), LinkID(2))
        #expect(first.contains(.deliver(Self.home, [event.envelope], from: LinkID(2), wantID: nil)))
        let second = node.receive(Self.push(event, round: 1), LinkID(3))
        #expect(second.isEmpty, "a duplicate costs nothing further")
        let sent = try Self.commit(&node, [event], origin: 2)
        #expect(sent.map(\.link) == [4])
        #expect(sent.map(\.message) == [Self.push(event, round: 4)])
        #expect(node.receive(Self.push(event), LinkID(4)).isEmpty, "known now")
    }

    @Test func `rounds do not overflow`() throws {
        var node = Self.node()
        let event = toyChain(toyPeer(9), Self.home, 1)[0]
        _ = node.receive(Self.push(event, round: .max), LinkID(2))
        let sent = try Self.commit(&node, [event], origin: 2)
        #expect(sent.first?.message == Self.push(event, round: .max))
    }

    @Test func `what is not pushable, and what a catch-up brought, stays`() throws {
        var node = Self.node()
        let void = toyChain(toyPeer(9), Self.home, 1)[0]
        _ = node.receive(Self.push(void), LinkID(2))
        #expect(try Self.commit(&node, [void], origin: 2, isPushable: false).isEmpty)
        let old = toyChain(toyPeer(8), Self.home, 1)[0]
        #expect(try Self.commit(&node, [old], origin: 2).isEmpty)
    }

    @Test func `a large body is announced and fetched by range`() throws {
        var node = Self.node()
        let large = toyChain(toyPeer(1), Self.home, 1, size: 9_000)[0]
        #expect(try Self.commit(&node, [large], origin: nil).isEmpty, "announced in a batch")
        let sent = try Self.sent(node.handle(.timer, at: 5))
        let announced = SyncMessage.iHave(
            Self.home,
            [
                SyncMessage.Announced(
                    id: large.id, handle: toyPeer(1).prefix, seq: 1, round: 0)
            ])
        #expect(sent.map(\.link) == [2, 3, 4])
        #expect(sent.allSatisfy { $0.message == announced })

        var other = Self.node(toyChain(toyPeer(1), Self.home, 1))
        let next = SyncMessage.Announced(
            id: Event.ID(toyServer(8)), handle: toyPeer(1).prefix, seq: 3, round: 0)
        let asked = try toyMessages(other.receive(.iHave(Self.home, [next]), LinkID(2)))
        let range = SeqRange(author: toyPeer(1), from: 2, to: 3)
        #expect(asked == [.graft(Self.home, next.id, range)], "an eager link will not push it")
        let again = try toyMessages(other.receive(.iHave(Self.home, [next]), LinkID(3)))
        #expect(again.isEmpty, "one peer at a time")
    }

    @Test func `an announced author nobody knows is asked for by handle`() throws {
        var node = Self.node()
        let announced = SyncMessage.Announced(
            id: Event.ID(toyServer(8)), handle: 42, seq: 3, round: 0)
        let sent = try toyMessages(node.receive(.iHave(Self.home, [announced]), LinkID(2)))
        #expect(sent == [.headAsk(Self.home, handles: [42])])
    }

    @Test func `a pushed event beyond the next is handed out and its gap wanted`() throws {
        let events = toyChain(toyPeer(9), Self.home, 6)
        var node = Self.node(Array(events.prefix(2)))
        let effects = node.receive(Self.push(events[4]), LinkID(2))
        #expect(
            effects.contains(
                .deliver(Self.home, [events[4].envelope], from: LinkID(2), wantID: nil)))
        let wants = try SyncCoreTests.wants(effects)
        #expect(wants.map(\.ranges) == [[SeqRange(author: toyPeer(9), from: 3, to: 5)]])
    }

    @Test func `a run of pushes that is not committed yet is no gap`() throws {
        let events = toyChain(toyPeer(9), Self.home, 20)
        var node = Self.node()
        for event in events {
            #expect(try toyMessages(node.receive(Self.push(event), LinkID(2))).isEmpty)
        }
    }

    @Test func `a lazy link is told and not sent`() throws {
        var node = Self.node()
        _ = node.receive(.prune(Self.home, backoffSeconds: 600), LinkID(3))
        let event = toyChain(toyPeer(9), Self.home, 1)[0]
        _ = node.receive(Self.push(event), LinkID(2))
        #expect(try Self.commit(&node, [event], origin: 2).map(\.link) == [4])
        let later = try Self.sent(node.handle(.timer, at: 5))
        #expect(later.map(\.link) == [3] && later.map(\.message.type) == [20])
        let own = toyChain(toyPeer(1), Self.home, 1)[0]
        #expect(try Self.commit(&node, [own], origin: nil).map(\.link) == [2, 3, 4])
    }

    @Test func `a peer that refuses us is not pushed to until it says Hello`() throws {
        var node = Self.node()
        let reject = SyncMessage.Reject(server: Self.home, about: 31, code: "notMember")
        _ = node.receive(.reject(reject), LinkID(3))
        let events = toyChain(toyPeer(1), Self.home, 2)
        #expect(try Self.commit(&node, [events[0]], origin: nil).map(\.link) == [2, 4])
        _ = node.receive(SyncCoreTests.hello([:], from: 3), LinkID(3))
        #expect(try Self.commit(&node, [events[1]], origin: nil).map(\.link) == [2, 3, 4])
    }

    @Test func `S-085 a peer that refuses us in passing is asked why, once`() throws {
        var node = Self.node()
        func refuse(_ type: UInt64) throws -> [SyncCore.Effect] {
            let reject = SyncMessage.Reject(server: Self.home, about: type, code: "notMember")
            return node.receive(.reject(reject), LinkID(3))
        }
        #expect(try Self.sent(refuse(31)).map { [$0.link, $0.message.type] } == [[3, 10]])
        // What was under way is refused as well.
        #expect(try refuse(31).isEmpty && refuse(20).isEmpty)
        let answer = try refuse(10)
        #expect(answer.contains(.rejected(LinkID(3), Self.home, code: "notMember")))
        #expect(try Self.sent(answer).allSatisfy { $0.message.type != 10 })
    }

    @Test func `an author above its burst is ignored, and others are not`() throws {
        var node = Self.node()
        let events = toyChain(toyPeer(9), Self.home, 700)
        var delivered = 0
        for event in events {
            let effects = node.receive(Self.push(event), LinkID(2))
            delivered += effects.contains { if case .deliver = $0 { true } else { false } } ? 1 : 0
        }
        #expect(delivered == 500)
        let other = toyChain(toyPeer(8), Self.home, 1)[0]
        #expect(!node.receive(Self.push(other), LinkID(2)).isEmpty)
        let later = node.receive(Self.push(events[500]), LinkID(2), at: 1_000)
        #expect(later.contains { if case .deliver = $0 { true } else { false } })
    }

    @Test func `H-058 of events about rights one peer pushes 10,000 a day and no more`() {
        var node = Self.node()
        func delivers(_ number: UInt64, from link: UInt64, at time: UInt64) -> Bool {
            let event = ToyEvent(
                server: Self.home, author: toyPeer(9), seq: number + 1, prev: nil,
                lamport: number + 1, kind: MemberRemoved.kind)
            let effects = node.receive(Self.push(event), LinkID(link), at: time)
            return effects.contains { if case .deliver = $0 { true } else { false } }
        }
        var taken = 0
        for number in 0..<10_100 as Range<UInt64> {
            taken += delivers(number, from: 2, at: number * 25) ? 1 : 0
        }
        #expect(taken == 10_000)
        #expect(delivers(20_000, from: 3, at: 260_000), "others are not counted with it")
        #expect(!delivers(20_001, from: 2, at: 86_000_000))
        #expect(delivers(20_002, from: 2, at: 86_500_000))
    }

    @Test func `a fork proof goes to all linked members`() throws {
        var node = Self.node()
        let effects = node.handle(.forkProof(Self.home, [1], [2], to: nil))
        #expect(
            try toyMessages(effects) == Array(repeating: .forkProof(Self.home, [1], [2]), count: 3))
        let received = node.receive(.forkProof(Self.home, [1], [2]), LinkID(2))
        #expect(received == [.unhandled(LinkID(2), .forkProof(Self.home, [1], [2]))])
    }

    @Test func `buckets refill to their burst and no further`() {
        var bucket = TokenBucket(perSecond: 50, burst: 500, now: .zero)
        #expect(bucket.holds(500, .zero))
        bucket.take(500, .zero)
        #expect(!bucket.holds(1, .zero + 19))
        #expect(bucket.holds(1, .zero + 20))
        #expect(bucket.holds(500, .zero + 1_000_000))
        #expect(!bucket.holds(501, .zero + 1_000_000))
        #expect(bucket.isFull(Instant(nanoseconds: .max)))
        #expect(!bucket.holds(.max, Instant(nanoseconds: .max)))
    }
}
