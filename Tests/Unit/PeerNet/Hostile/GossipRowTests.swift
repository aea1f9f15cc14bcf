import PeerNet
import PeerState
import PeerTesting
import Testing

/// HOSTILE "Sync and gossip": announcements, grafts and prunes of those who lie, and new lives.
@Suite struct GossipRowTests {
    private static let home = SyncCoreTests.home
    private static let link = SyncCoreTests.link

    private static func score(_ node: ToyNode, of number: Int, at time: UInt64) -> Double {
        node.core.scores.score(of: toyPeer(number), .zero + Milliseconds(time))
    }

    private static func reads(_ effects: [SyncCore.Effect]) -> Int {
        effects.count { if case .read = $0 { true } else { false } }
    }

    @Test func `H-077 announcements that are never served cost their sender score`() throws {
        let events = toyChain(toyPeer(9), Self.home, 1)
        var node = SyncCoreTests.node(events)
        _ = node.handle(toyUp(1, 2))
        var delivered = 0
        var time: UInt64 = 0
        for second in UInt64(0)..<20 where Self.score(node, of: 2, at: time) >= 0 {
            time = second * 1_000
            // He goes on announcing, so he is there and gives nothing.
            let announced = (0..<5).map {
                SyncMessage.Announced(
                    id: Event.ID(toyServer(1_000 + Int(second) * 10 + $0)),
                    handle: toyPeer(9).prefix, seq: 2, round: 1)
            }
            var effects = node.handle(
                .frame(Self.link, SyncMessage.iHave(Self.home, announced).bytes), at: time)
            for step in UInt64(1)..<10 { effects += node.handle(.timer, at: time + step * 100) }
            delivered += effects.count { if case .deliver = $0 { true } else { false } }
        }
        #expect(Self.score(node, of: 2, at: time) < 0)
        #expect(delivered == 0)
    }

    @Test func `H-077 ids are tracked up to 2,000 a peer, with eight announcers each`() {
        var tree = PlumtreeTests.tree(12)
        for link in UInt64(1)...12 {
            _ = tree.handle(.pruned(from: LinkID(link), backoff: 0), now: .zero)
        }
        for frame in 0..<6 {
            for link in UInt64(1)...12 {
                let events = (0..<500).map { PlumtreeTests.event(frame * 500 + $0 + 1) }
                _ = tree.handle(.announced(events, from: LinkID(link)), now: .zero)
            }
        }
        var asked: [Event.ID: Set<LinkID>] = [:]
        var handed: Set<Event.ID> = []
        for step in 1...200 {
            for effect in tree.handle(.timer, now: .zero + Milliseconds(UInt64(step) * 100)) {
                switch effect {
                case .graft(let link, let event?): asked[event.id, default: []].insert(link)
                case .handOver(let event, _): handed.insert(event.id)
                default: break
                }
            }
        }
        #expect(handed.count >= Limits.missingPerPeer && asked.count == handed.count)
        #expect(asked.values.map(\.count).max() == Limits.announcersPerID)
        // No link was asked for more than are remembered of it.
        let links = asked.values.flatMap(Array.init)
        let perLink = Dictionary(grouping: links) { $0 }.values.map(\.count)
        #expect(perLink.max() == Limits.missingPerPeer)
    }

    @Test func `H-078 grafts for unknown ids are ignored and cost score`() throws {
        var node = SyncCoreTests.node(toyChain(toyPeer(9), Self.home, 2))
        _ = node.handle(toyUp(1, 2))
        let before = Self.score(node, of: 2, at: 1_000)
        for number in 0..<5 {
            let effects = node.receive(
                .graft(Self.home, Event.ID(toyServer(5_000 + number)), nil), Self.link, at: 1_000)
            #expect(Self.reads(effects) == 0)
            #expect(try toyMessages(effects).allSatisfy { $0.type == 22 }, "prunes at most")
        }
        #expect(Self.score(node, of: 2, at: 1_000) <= before - 20)
    }

    @Test func `H-078 a graft inside the back-off does not make its sender eager`() {
        var tree = PlumtreeTests.tree(2)
        // A link with a low score is pruned for a while.
        _ = tree.handle(.standing(LinkID(2), .lazy), now: .zero)
        let early = tree.handle(.grafted(from: LinkID(2), isKnown: true), now: .zero + 1)
        #expect(early == [.fault(LinkID(2), .graftInBackoff)])
        #expect(!tree.isEager(LinkID(2)))
    }

    @Test func `H-078 a graft inside the back-off is not answered`() throws {
        let event = toyChain(toyPeer(9), Self.home, 1)[0]
        var node = SyncCoreTests.node()
        _ = node.handle(toyUp(1, 2))
        _ = node.replica.insert(event)
        _ = try SyncPushTests.commit(&node, [event], origin: nil)
        let graft = SyncMessage.graft(Self.home, event.id, nil)
        #expect(try toyMessages(node.receive(graft, Self.link)).map(\.type) == [31])
        // An invalid event: below 0, so it is told not to graft for a minute.
        let pruned = node.handle(.invalid(Self.link))
        #expect(try toyMessages(pruned).map(\.type) == [22])
        let range = SeqRange(author: toyPeer(9), from: 1, to: 1)
        for early in [graft, .graft(Self.home, nil, range)] {
            let before = Self.score(node, of: 2, at: 1_000)
            let effects = node.receive(early, Self.link, at: 1_000)
            #expect(try toyMessages(effects).isEmpty && Self.reads(effects) == 0)
            #expect(Self.score(node, of: 2, at: 1_000) < before)
        }
        // When it is over and the score has recovered, it is served again.
        let late = node.receive(graft, Self.link, at: 61_000)
        #expect(try Self.reads(late) + toyMessages(late).count { $0.type == 31 } == 1)
    }

    @Test func `H-070 claims of which nothing is given cost score, silence does not`() throws {
        let head = (toyPeer(9), Head(seq: 5, id: Event.ID(toyServer(77))))
        for isSilent in [false, true] {
            var node = SyncCoreTests.node()
            _ = node.handle(toyUp(1, 2))
            let want = try #require(try SyncCoreTests.learn(&node, [head]).first)
            var effects: [SyncCore.Effect] = []
            if isSilent {
                effects = node.handle(.timer, at: 20_000)
            } else {
                effects += node.receive(
                    .preSync(Self.home, id: want.id, events: 0, bytes: 0), Self.link)
                effects += node.receive(
                    .events(Self.home, id: want.id, [], isLast: true), Self.link)
            }
            #expect(effects.contains(.unmet(Self.link, Self.home)))
            let score = Self.score(node, of: 2, at: 20_000)
            #expect(isSilent ? score >= 0 : score < 0)
        }
    }

    @Test func `H-078 a prune above 600 seconds is a bad frame, and nothing overflows`() throws {
        let sample = SyncMessage.prune(Self.home, backoffSeconds: Limits.pruneSeconds)
        let seconds: [UInt64] = [
            Limits.pruneSeconds + 1, 1 << 32, .max / 1_000, .max / 1_000 + 1, .max,
        ]
        for count in seconds {
            var node = SyncCoreTests.node()
            _ = node.handle(toyUp(1, 2))
            var elements = try SyncMessageTests.elements(sample.bytes)
            elements[elements.count - 1] = CBORValue.unsigned(count).encoded
            let effects = node.handle(.frame(Self.link, SyncMessageTests.frame(elements)))
            let type = SyncFrameType.prune.rawValue
            #expect(effects.contains { if case .badFrame(_, type, _) = $0 { true } else { false } })
        }
        var node = SyncCoreTests.node()
        _ = node.handle(toyUp(1, 2))
        let taken = node.receive(sample, Self.link)
        #expect(!taken.contains { if case .badFrame = $0 { true } else { false } })
        // However long, there is an end of it.
        var tree = PlumtreeTests.tree(1)
        _ = tree.handle(
            .pruned(from: LinkID(1), backoff: .seconds(Limits.pruneSeconds)), now: .zero)
        let later = Instant.zero + Milliseconds.seconds(Limits.pruneSeconds)
        _ = tree.handle(.announced([PlumtreeTests.event(1)], from: LinkID(1)), now: later)
        let due = later + Limits.graftWaitMost
        #expect(PlumtreeTests.graftTargets(tree.handle(.timer, now: due)) == [1])
    }

    @Test func `H-080 a peer with a new life is told everything once, and there is no loop`()
        throws
    {
        let events = toyChain(toyPeer(9), Self.home, 5)
        var node = SyncCoreTests.node(events)
        _ = node.handle(toyUp(1, 2))
        let old = Array(events.prefix(3))
        // It confirmed an announcement of ours before it was restored.
        func hello(_ confirmed: UInt64, life: Int) -> SyncMessage {
            let head = SyncCoreTests.head(old[2])
            return .hello(
                Self.home,
                SyncMessage.Hello(
                    digest: Frontier.digest(heads: [toyPeer(9): head]), authors: 1, events: 3,
                    incarnation: toyIncarnation(life), foldVersion: 1, confirmed: confirmed))
        }
        func deltas(_ effects: [SyncCore.Effect]) throws -> [SyncMessage.HeadsDelta] {
            try toyMessages(effects).compactMap {
                if case .headsDelta(_, let delta) = $0 { delta } else { nil }
            }
        }
        let first = try deltas(node.receive(hello(0, life: 2), Self.link, at: 0))
        let serial = try #require(first.last).serial
        let next = ToyEvent(
            server: Self.home, author: toyPeer(9), seq: 6, prev: events[4].id, lamport: 6)
        _ = node.replica.insert(next)
        _ = node.handle(
            .committed(
                Self.home,
                [
                    SyncCore.CommittedEvent(
                        author: next.author, seq: next.seq, id: next.id, envelope: next.envelope)
                ]), at: 2_000)
        let based = try deltas(node.receive(hello(serial, life: 2), Self.link, at: 4_000))
        #expect(based.map(\.base) == [serial], "what it confirmed is the base")
        // Restored from a backup in mid-session: another life, the confirmation of the old one.
        var frames = 0
        for step in UInt64(0)..<5 {
            let effects = node.receive(
                hello(step == 0 ? serial : 0, life: 77), Self.link, at: 6_000 + step)
            let told = try deltas(effects)
            #expect(told.allSatisfy { $0.base == nil && $0.entries.count == 1 })
            frames += told.count
            #expect(try toyMessages(effects).count { $0.type == 10 } <= 1)
        }
        #expect(frames == 1, "one resync")
    }
}
