import PeerNet
import PeerState
import PeerTesting
import Testing

@Suite struct ViewTests {
    static func contact(_ number: Int) -> SyncMessage.PeerAddresses {
        SyncMessage.PeerAddresses(peer: toyPeer(number), addresses: ["10.0.0.\(number % 250):1"])
    }

    /// A node of a server of 1,000 with active neighbours 1 … 5, whom it did not dial.
    static func full(_ seed: UInt64 = 1) -> HyParView {
        var view = HyParView(identity: toyPeer(0), random: Seed(seed).stream("view"))
        _ = view.handle(.members(1_000), now: .zero)
        for number in 1...5 {
            _ = view.handle(.linkUp(contact(number), isDialler: false), now: .zero)
            _ = view.handle(.message(.neighbor(isHigh: true), from: toyPeer(number)), now: .zero)
        }
        return view
    }

    @Test func `a low request is refused when full, a high one never`() {
        var view = Self.full()
        #expect(view.active.count == 5)
        _ = view.handle(.linkUp(Self.contact(6), isDialler: false), now: .zero)
        let low = view.handle(.message(.neighbor(isHigh: false), from: toyPeer(6)), now: .zero)
        #expect(low == [.send(toyPeer(6), .neighborReply(isAccepted: false))])
        let high = view.handle(.message(.neighbor(isHigh: true), from: toyPeer(6)), now: .zero)
        #expect(high.contains(.send(toyPeer(6), .neighborReply(isAccepted: true))))
        #expect(view.active.count == 5 && view.active.contains(toyPeer(6)))
        #expect(high.contains { if case .send(_, .disconnect(true)) = $0 { true } else { false } })
    }

    @Test func `a newcomer is taken in and passed on`() {
        var view = Self.full()
        _ = view.handle(.linkUp(Self.contact(7), isDialler: false), now: .zero)
        let effects = view.handle(.message(.join(toyPeer(7)), from: toyPeer(7)), now: .zero)
        let passed = effects.count {
            if case .send(_, .forwardJoin(Self.contact(7), 6)) = $0 { true } else { false }
        }
        #expect(passed == 4 && view.active.contains(toyPeer(7)))
        let foreign = view.handle(.message(.join(toyPeer(8)), from: toyPeer(7)), now: .zero)
        #expect(foreign.isEmpty, "nobody joins for another")
    }

    @Test func `a walk ends at ttl 0 with a request, and passes the passive view at 3`() {
        var view = Self.full()
        for ttl in [UInt64(6), 3, 1, .max] {
            let effects = view.handle(
                .message(.forwardJoin(Self.contact(20), ttl: ttl), from: toyPeer(1)), now: .zero)
            #expect(
                effects.contains {
                    if case .send(let peer, .forwardJoin(_, let left)) = $0 {
                        peer != toyPeer(1) && left == min(ttl, 6) - 1
                    } else {
                        false
                    }
                })
        }
        #expect(view.passiveCount == 1)
        let end = view.handle(
            .message(.forwardJoin(Self.contact(20), ttl: 0), from: toyPeer(1)), now: .zero)
        #expect(end == [.dial(Self.contact(20))])
        let up = view.handle(.linkUp(Self.contact(20), isDialler: true), now: .zero)
        #expect(up == [.send(toyPeer(20), .neighbor(isHigh: true))])
    }

    @Test func `a lost neighbour is replaced from the passive view, one request at a time`() {
        var view = Self.full()
        _ = view.handle(.learned((30..<40).map(Self.contact), from: nil), now: .zero)
        var dialled: [Peer.ID] = []
        var effects = view.handle(.linkDown(toyPeer(1)), now: .zero)
        for _ in 0..<3 {
            for case .dial(let contact) in effects { dialled.append(contact.peer) }
            guard let peer = dialled.last else { break }
            effects = view.handle(.dialFailed(peer), now: .zero)
        }
        #expect(dialled.count == 3 && Set(dialled).count == 3)
        for case .dial(let contact) in effects { dialled.append(contact.peer) }
        let last = SyncMessage.PeerAddresses(peer: dialled[3], addresses: ["x:1"])
        let asked = view.handle(.linkUp(last, isDialler: true), now: .zero)
        #expect(asked == [.send(last.peer, .neighbor(isHigh: false))])
        let accepted = view.handle(
            .message(.neighborReply(isAccepted: true), from: last.peer), now: .zero)
        #expect(accepted == [.activated(last.peer)])
        #expect(view.active.count == 5)
    }

    @Test func `a silent neighbour to be is given up after 500 ms`() {
        var view = Self.full()
        _ = view.handle(.learned([Self.contact(30)], from: nil), now: .zero)
        _ = view.handle(.linkDown(toyPeer(1)), now: .zero)
        _ = view.handle(.linkUp(Self.contact(30), isDialler: true), now: .zero)
        #expect(view.nextDeadline == Instant.zero + 500)
        let late = view.handle(.timer, now: .zero + 500)
        #expect(late == [.release(toyPeer(30))])
    }

    @Test func `a view that everybody refused for a period asks one to make room`() throws {
        var view = HyParView(identity: toyPeer(0), random: Seed(1).stream("view"))
        _ = view.handle(.members(1_000), now: .zero)
        _ = view.handle(.linkUp(Self.contact(1), isDialler: false), now: .zero)
        _ = view.handle(.message(.neighbor(isHigh: true), from: toyPeer(1)), now: .zero)
        var asked: [Bool] = []
        /// Refuses whatever is asked, and what is asked then.
        func refuse(_ effects: [HyParView.Effect], _ now: Instant) {
            for case .send(let peer, .neighbor(let isHigh)) in effects {
                asked.append(isHigh)
                refuse(
                    view.handle(
                        .message(.neighborReply(isAccepted: false), from: peer), now: now), now)
            }
        }
        for number in 30..<33 {
            refuse(
                view.handle(.linkUp(Self.contact(number), isDialler: true), now: .zero), .zero)
        }
        #expect(asked == [false, false, false] && view.active.count == 1)
        for expected in [0, 1, 1] {
            asked = []
            let now = try #require(view.nextDeadline)
            refuse(view.handle(.timer, now: now), now)
            #expect(asked.count == 3 && asked.count { $0 } == expected)
        }
    }

    @Test func `H-082 what one peer tells fills a quarter of the passive view`() {
        var view = Self.full()
        _ = view.handle(.learned((100..<120).map(Self.contact), from: nil), now: .zero)
        for round in 0..<20 {
            let list = (0..<8).map { Self.contact(200 + round * 8 + $0) }
            _ = view.handle(.message(.shuffleReply(list), from: toyPeer(1)), now: .zero)
        }
        #expect(view.passiveCount == 27)
    }

    @Test func `floods are dropped and reported`() {
        var view = Self.full()
        var floods = 0
        for number in 0..<200 {
            let walk = ViewMessage.forwardJoin(Self.contact(number + 300), ttl: 2)
            let effects = view.handle(.message(walk, from: toyPeer(2)), now: .zero)
            floods += effects.contains(.flooded(toyPeer(2))) ? 1 : 0
        }
        #expect(floods >= 150)
    }

    @Test func `H-082 two links that this node chose stay whatever others ask`() {
        for seed in UInt64(1)...50 {
            var view = HyParView(identity: toyPeer(0), random: Seed(seed).stream("view"))
            _ = view.handle(.members(1_000), now: .zero)
            for number in 1...2 {
                view.enter(through: toyPeer(number), .zero)
                _ = view.handle(.linkUp(Self.contact(number), isDialler: true), now: .zero)
            }
            for number in 50..<120 {
                _ = view.handle(.linkUp(Self.contact(number), isDialler: false), now: .zero)
                _ = view.handle(
                    .message(.neighbor(isHigh: true), from: toyPeer(number)), now: .zero)
            }
            #expect(view.active.count == 5)
            #expect(view.active.contains(toyPeer(1)) && view.active.contains(toyPeer(2)))
        }
    }
}
