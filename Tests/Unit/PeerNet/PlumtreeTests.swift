import PeerNet
import PeerState
import PeerTesting
import Testing

@Suite struct PlumtreeTests {
    static func event(_ number: Int, round: UInt64 = 0) -> SyncMessage.Announced {
        SyncMessage.Announced(
            id: Event.ID(toyServer(number)), handle: 1, seq: UInt64(number), round: round)
    }

    /// A tree with links 1 … `count`, no full mesh.
    static func tree(_ count: UInt64 = 10) -> Plumtree {
        var tree = Plumtree(random: Seed(1).stream("tree"))
        tree.isFullMesh = false
        for link in 1...count { _ = tree.handle(.linkUp(LinkID(link)), now: .zero) }
        return tree
    }

    static func graftTargets(_ effects: [Plumtree.Effect]) -> [UInt64] {
        effects.compactMap {
            if case .graft(let link, _) = $0 { link.number } else { nil }
        }
    }

    @Test func `announcers are asked one after another, then the event is handed over`() {
        var tree = Self.tree()
        for link in UInt64(1)...3 {
            _ = tree.handle(.pruned(from: LinkID(link), backoff: 0), now: .zero)
            let heard = tree.handle(
                .announced([Self.event(5, round: 3)], from: LinkID(link)), now: .zero)
            #expect(heard.isEmpty)
        }
        var asked: [(UInt64, UInt64)] = []
        var handed: [Plumtree.Effect] = []
        var time: UInt64 = 0
        while let due = tree.nextDeadline, time < 3_000 {
            time = due.milliseconds(since: .zero)
            let effects = tree.handle(.timer, now: due)
            for link in Self.graftTargets(effects) { asked.append((time, link)) }
            handed += effects.filter { if case .handOver = $0 { true } else { false } }
        }
        #expect(asked.map(\.0) == [80, 120, 160] && asked.map(\.1) == [1, 2, 3])
        #expect(handed == [.handOver(Self.event(5, round: 3), [1, 2, 3].map { LinkID($0) })])
        #expect(tree.isEager(LinkID(1)))
    }

    /// Seed 0x14c: with each payload that had to be asked for the next was asked for later.
    @Test func `waits do not grow by what they brought themselves`() {
        var tree = Self.tree()
        var now = Instant.zero
        var waits: [UInt64] = []
        for number in 1...64 {
            _ = tree.handle(.pruned(from: LinkID(1), backoff: 0), now: now)
            let event = Self.event(number, round: 3)
            _ = tree.handle(.announced([event], from: LinkID(1)), now: now)
            let announced = now
            while let due = tree.nextDeadline {
                now = due
                if Self.graftTargets(tree.handle(.timer, now: due)) == [1] { break }
            }
            waits.append(now.milliseconds(since: announced))
            // Its answer comes 20 ms later.
            now = now + 20
            _ = tree.handle(.received(event, from: LinkID(1)), now: now)
        }
        #expect(waits.first == Limits.graftWaitFirst.count)
        #expect(waits.last == Limits.graftWaitLeast.count)
        #expect(zip(waits, waits.dropFirst()).allSatisfy { $0 >= $1 })
    }

    @Test func `waits grow to where payloads come by themselves`() {
        var tree = Self.tree()
        var now = Instant.zero
        for number in 1...64 {
            _ = tree.handle(.pruned(from: LinkID(1), backoff: 0), now: now)
            let event = Self.event(number, round: 3)
            _ = tree.handle(.announced([event], from: LinkID(1)), now: now)
            now = now + 300
            _ = tree.handle(.received(event, from: LinkID(2)), now: now)
        }
        let wait = tree.graftWait.count
        #expect(wait > 550 && wait <= 600)
    }

    /// Seed 0x16b: who was stalled for some seconds was refused for ten minutes.
    @Test func `silence breaks no promise, giving something else does`() {
        var tree = Self.tree()
        _ = tree.handle(.pruned(from: LinkID(1), backoff: 0), now: .zero)
        let promised = (1...64).map { Self.event($0, round: 3) }
        _ = tree.handle(.announced(promised, from: LinkID(1)), now: .zero)
        func faults(until end: UInt64) -> [Plumtree.Effect] {
            var found: [Plumtree.Effect] = []
            while let due = tree.nextDeadline, due.milliseconds(since: .zero) < end {
                found += tree.handle(.timer, now: due).filter {
                    if case .fault = $0 { true } else { false }
                }
            }
            return found
        }
        #expect(faults(until: 10_000).isEmpty)
        _ = tree.handle(.received(Self.event(100), from: LinkID(1)), now: .zero + 11_000)
        let broken = faults(until: 20_000)
        #expect(!broken.isEmpty)
        #expect(Set(broken) == [.fault(LinkID(1), .brokenPromise)])
    }

    @Test func `a link in its backoff is not grafted, and grafting us in ours is a fault`() {
        var tree = Self.tree()
        _ = tree.handle(.pruned(from: LinkID(1), backoff: 60_000), now: .zero)
        _ = tree.handle(.announced([Self.event(1)], from: LinkID(1)), now: .zero)
        let due = tree.handle(.timer, now: .zero + 80)
        #expect(due == [.handOver(Self.event(1), [LinkID(1)])])
        let judged = tree.handle(.standing(LinkID(2), .lazy), now: .zero)
        #expect(judged == [.prune(LinkID(2), backoff: 60_000)])
        let early = tree.handle(.grafted(from: LinkID(2), isKnown: true), now: .zero + 1)
        #expect(early == [.fault(LinkID(2), .graftInBackoff)])
        let unknown = tree.handle(.grafted(from: LinkID(3), isKnown: false), now: .zero)
        #expect(unknown == [.fault(LinkID(3), .unknownGraft)])
    }

    @Test func `an announcer three rounds nearer takes the place of the parent`() {
        for (round, moves) in [(UInt64(8), false), (7, true)] {
            var tree = Self.tree()
            _ = tree.handle(.pruned(from: LinkID(2), backoff: 0), now: .zero)
            _ = tree.handle(.received(Self.event(1, round: 10), from: LinkID(1)), now: .zero)
            let effects = tree.handle(
                .announced([Self.event(1, round: round)], from: LinkID(2)), now: .zero)
            #expect(
                effects
                    == (moves
                        ? [.graft(LinkID(2), nil), .prune(LinkID(1), backoff: 0)] : []))
        }
    }

    @Test func `of two that push the much nearer one stays`() {
        for (round, pruned) in [(UInt64(8), UInt64(2)), (7, 1)] {
            var tree = Self.tree()
            _ = tree.handle(.received(Self.event(1, round: 10), from: LinkID(1)), now: .zero)
            let effects = tree.handle(
                .received(Self.event(1, round: round), from: LinkID(2)), now: .zero)
            #expect(effects == [.prune(LinkID(pruned), backoff: 0)])
        }
    }

    /// Both ends of a link would end it, and the farther one be cut off from the author.
    @Test func `of two whose pushes cross the farther one decides`() {
        for (round, isLeft) in [(UInt64(8), false), (9, true)] {
            // Ours went out with round 5, so the other end has the event by `round` - 1.
            var tree = Self.tree(2)
            let event = Self.event(1, round: 4)
            _ = tree.handle(.received(event, from: LinkID(1)), now: .zero)
            let told = tree.handle(.publish(event, isOwn: false, isLarge: false), now: .zero)
            #expect(told == [.push(LinkID(2), event.id, round: 5)])
            let effects = tree.handle(
                .received(Self.event(1, round: round), from: LinkID(2)), now: .zero)
            #expect(effects == (isLeft ? [] : [.prune(LinkID(2), backoff: 0)]))
            var other = Self.tree(2)
            let far = Self.event(1, round: round - 1)
            _ = other.handle(.received(far, from: LinkID(1)), now: .zero)
            _ = other.handle(.publish(far, isOwn: false, isLarge: false), now: .zero)
            let chosen = other.handle(
                .received(Self.event(1, round: 5), from: LinkID(2)), now: .zero)
            #expect(chosen == [.prune(LinkID(isLeft ? 1 : 2), backoff: 0)])
        }
    }

    @Test func `what was under way while the parent changed prunes nobody`() {
        var tree = Self.tree()
        _ = tree.handle(.received(Self.event(1, round: 10), from: LinkID(1)), now: .zero)
        _ = tree.handle(.received(Self.event(1, round: 5), from: LinkID(2)), now: .zero)
        #expect(!tree.isEager(LinkID(1)) && tree.isEager(LinkID(2)))
        // Sent before the Prune came, and by a way that became short meanwhile.
        _ = tree.handle(.received(Self.event(2, round: 4), from: LinkID(1)), now: .zero)
        let effects = tree.handle(
            .received(Self.event(2, round: 5), from: LinkID(2)), now: .zero)
        #expect(effects.isEmpty && tree.isEager(LinkID(2)))
    }

    @Test func `who has an event by a long way hears of a short one`() {
        for (round, hears) in [(UInt64(8), false), (9, true)] {
            for comesFirst in [false, true] {
                var tree = Self.tree(2)
                _ = tree.handle(.pruned(from: LinkID(2), backoff: 0), now: .zero)
                let announced = Plumtree.Input.announced(
                    [Self.event(1, round: round)], from: LinkID(2))
                let event = Self.event(1, round: 4)
                if comesFirst { _ = tree.handle(announced, now: .zero) }
                _ = tree.handle(.received(event, from: LinkID(1)), now: .zero)
                if !comesFirst { _ = tree.handle(announced, now: .zero) }
                _ = tree.handle(.publish(event, isOwn: false, isLarge: false), now: .zero)
                let batch = tree.handle(.timer, now: .zero + Limits.iHaveBatch)
                #expect(
                    batch == (hears ? [.announce(LinkID(2), [Self.event(1, round: 5)])] : []))
            }
        }
    }

    @Test func `a large body is announced, own ones go to lazy links as well`() {
        var tree = Self.tree(3)
        _ = tree.handle(.pruned(from: LinkID(2), backoff: 0), now: .zero)
        let small = tree.handle(
            .publish(Self.event(1), isOwn: true, isLarge: false), now: .zero)
        #expect(small.count == 3)
        #expect(
            tree.handle(.publish(Self.event(2), isOwn: true, isLarge: true), now: .zero).isEmpty)
        let batch = tree.handle(.timer, now: .zero + 5)
        #expect(batch == (1...3).map { .announce(LinkID($0), [Self.event(2)]) })
    }

    @Test func `announcements stay below what counts as a flood`() {
        var sender = Self.tree(1)
        var receiver = Self.tree(1)
        _ = sender.handle(.pruned(from: LinkID(1), backoff: 0), now: .zero)
        var told = 0
        for step in 0..<300 {
            let now = Instant.zero + Milliseconds(UInt64(step) * 10)
            let event = Self.event(step + 1)
            _ = sender.handle(.received(event, from: LinkID(9)), now: now)
            _ = sender.handle(.publish(event, isOwn: false, isLarge: false), now: now)
            for case .announce(_, let events) in sender.handle(.timer, now: now) {
                told += events.count
                let effects = receiver.handle(.announced(events, from: LinkID(1)), now: now)
                #expect(!effects.contains { if case .fault = $0 { true } else { false } })
            }
        }
        #expect(told >= 280)
    }

    @Test func `an IHave flood is a fault, and its ids are bounded`() {
        var tree = Self.tree()
        _ = tree.handle(.pruned(from: LinkID(1), backoff: 0), now: .zero)
        var faults = 0
        for frame in 0..<30 {
            let events = (0..<500).map { Self.event(frame * 500 + $0 + 1) }
            let effects = tree.handle(.announced(events, from: LinkID(1)), now: .zero)
            faults += effects.count { if case .fault = $0 { true } else { false } }
        }
        #expect(faults >= 20)
        var handed = 0
        for step in 1...40 {
            let effects = tree.handle(.timer, now: .zero + Milliseconds(UInt64(step) * 100))
            handed += effects.count { if case .handOver = $0 { true } else { false } }
        }
        #expect(handed == Limits.missingPerPeer)
    }
}
