import PeerNet
import PeerState
import PeerTesting
import Testing

/// HOSTILE H-082 in whole networks: a third of the members wants every link of the others.
///
/// Another range of seeds: change `first` and `seeds`; every run names those it lost members in
/// (docs/decisions/0048).
@Suite struct ViewFloodTests {
    static let honest = 40
    static let hostile = 20
    static let first: UInt64 = 1
    static let seeds: UInt64 = 10

    /// Honest members with fewer than two honest links, by seed.
    static func lonely(
        _ seeds: ClosedRange<UInt64>, settle: Milliseconds, flood: Milliseconds,
        every gap: Milliseconds = 1_500
    ) -> [UInt64: Int] {
        var lonely: [UInt64: Int] = [:]
        for seed in seeds {
            var sim = BroadcastSim(seed: Seed(seed), nodes: honest + hostile)
            sim.beHostile(honest..<honest + hostile)
            sim.assemble()
            sim.run(for: settle)
            sim.flood(every: gap)
            sim.run(for: flood)
            let count = (0..<honest).count { sim.honestLinks(of: $0) < 2 }
            if count > 0 { lonely[seed] = count }
            for node in sim.nodes.prefix(honest) {
                #expect(node.view.active.count <= Limits.activeView, "seed \(seed)")
                #expect(node.view.passiveCount <= Limits.passiveView, "seed \(seed)")
            }
        }
        print("H-082 every \(gap.count) ms, seeds \(seeds): with fewer than two links: \(lonely)")
        return lonely
    }

    @Test func `H-082 with a third hostile 99.9 % keep two honest links`() {
        let lonely = Self.lonely(
            Self.first...Self.first + Self.seeds - 1, settle: .seconds(100), flood: .seconds(60))
        let members = Int(Self.seeds) * Self.honest
        #expect(lonely.values.reduce(0, +) * 1_000 <= members, "seeds \(lonely)")
    }

    @Test func `H-082 who arrives under a flood finds honest members`() {
        let lonely = Self.lonely(
            Self.first...Self.first + 1, settle: 0, flood: .seconds(150))
        #expect(lonely.values.reduce(0, +) * 100 <= 2 * Self.honest * 2, "seeds \(lonely)")
    }

    @Test(arguments: [Milliseconds.seconds(10), .seconds(60)])
    func `H-082 who asks slowly cuts off one in twenty at most`(gap: Milliseconds) {
        let lonely = Self.lonely(
            Self.first...Self.first + 4, settle: .seconds(100), flood: .seconds(600), every: gap)
        // Once a minute cut off 119 of 120 before (docs/decisions/0064).
        #expect(lonely.values.reduce(0, +) * 20 <= 5 * Self.honest, "seeds \(lonely)")
    }

    @Test func `H-082 who pushed in more often than the others gives way, and waits`() {
        var view = ViewTests.full()
        func push(_ number: Int) -> Bool {
            if !view.active.contains(toyPeer(number)) {
                _ = view.handle(.linkUp(ViewTests.contact(number), isDialler: false), now: .zero)
            }
            return view.handle(
                .message(.neighbor(isHigh: true), from: toyPeer(number)), now: .zero
            ).contains(.send(toyPeer(number), .neighborReply(isAccepted: true)))
        }
        #expect(push(6) && push(6) && push(6))
        #expect(push(7) && !view.active.contains(toyPeer(6)))
        #expect(!push(6) && view.active.contains(toyPeer(7)))
        // One that never pushed before has a place.
        #expect(push(8) && view.active.count == Limits.activeView)
    }

    @Test func `H-082 members that were there before keep three places`() {
        for seed in UInt64(1)...20 {
            var view = ViewTests.full(seed)
            let now = Instant.zero + Limits.elderAge
            for number in 50..<120 {
                _ = view.handle(.linkUp(ViewTests.contact(number), isDialler: false), now: now)
                _ = view.handle(
                    .message(.neighbor(isHigh: true), from: toyPeer(number)), now: now)
            }
            #expect(view.active.count == Limits.activeView)
            #expect(view.active.prefix(3) == [toyPeer(1), toyPeer(2), toyPeer(3)], "seed \(seed)")
            #expect(!view.active.contains(toyPeer(4)) && !view.active.contains(toyPeer(5)))
        }
    }

    @Test func `H-082 a member that asks again and again loses its place`() {
        var view = ViewTests.full()
        let pusher = toyPeer(6)
        _ = view.handle(.linkUp(ViewTests.contact(6), isDialler: false), now: .zero)
        for _ in 0..<Limits.pushesBorne {
            let high = view.handle(.message(.neighbor(isHigh: true), from: pusher), now: .zero)
            #expect(high.contains(.send(pusher, .neighborReply(isAccepted: true))))
        }
        let refused = view.handle(.message(.neighbor(isHigh: true), from: pusher), now: .zero)
        #expect(refused.contains(.send(pusher, .neighborReply(isAccepted: false))))
        #expect(refused.contains(.release(pusher)) && !view.active.contains(pusher))
        // Another link does not make it another member.
        _ = view.handle(.linkDown(pusher), now: .zero)
        _ = view.handle(.linkUp(ViewTests.contact(6), isDialler: false), now: .zero)
        let joined = view.handle(.message(.join(pusher), from: pusher), now: .zero)
        #expect(joined.contains(.send(pusher, .disconnect(isAlive: true))))
        #expect(!view.active.contains(pusher))
        let later = Instant.zero + Limits.pushPeriod + Limits.pushPeriod
        let again = view.handle(.message(.neighbor(isHigh: true), from: pusher), now: later)
        #expect(again.contains(.send(pusher, .neighborReply(isAccepted: true))))
    }

    @Test func `where there is room for all, a link that is cut again and again comes back`() {
        var view = HyParView(identity: toyPeer(0), random: Seed(1).stream("view"))
        _ = view.handle(.members(Limits.fullMesh + 1), now: .zero)
        for _ in 0..<10 * Limits.pushesBorne {
            _ = view.handle(.linkUp(ViewTests.contact(1), isDialler: false), now: .zero)
            let high = view.handle(.message(.neighbor(isHigh: true), from: toyPeer(1)), now: .zero)
            #expect(high.contains(.send(toyPeer(1), .neighborReply(isAccepted: true))))
            #expect(view.active == [toyPeer(1)])
            _ = view.handle(.linkDown(toyPeer(1)), now: .zero)
        }
    }
}
