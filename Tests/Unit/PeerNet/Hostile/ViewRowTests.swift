import PeerNet
import PeerState
import PeerTesting
import Testing

/// HOSTILE H-082: members who want every link of the others.
@Suite struct ViewRowTests {
    @Test func `H-082 floods of joins, neighbours and shuffles are dropped and reported`() {
        var view = ViewTests.full()
        let frames: [(Int) -> ViewMessage] = [
            { _ in .join(toyPeer(2)) }, { _ in .neighbor(isHigh: true) },
            { .shuffle(origin: toyPeer(2), ttl: 3, [ViewTests.contact($0 + 300)]) },
            { .forwardJoin(ViewTests.contact($0 + 300), ttl: 2) },
        ]
        var floods = 0
        for number in 0..<10_000 {
            let effects = view.handle(
                .message(frames[number % 4](number), from: toyPeer(2)), now: .zero)
            floods += effects.contains(.flooded(toyPeer(2))) ? 1 : 0
            #expect(effects.count <= 2 || number < Limits.viewFrames)
        }
        #expect((10_000 - Limits.viewFrames...10_000).contains(floods))
        #expect(view.active.count <= Limits.activeView)
        #expect(view.passiveCount <= Limits.passiveView)
    }

    @Test func `H-082 when all contacts are the attacker's, the links one chose stay`() {
        for seed in UInt64(1)...20 {
            var view = ViewTests.full(seed)
            // Two honest members that this node dialled, and nobody else it can trust.
            for number in 500...501 {
                view.enter(through: toyPeer(number), .zero)
                _ = view.handle(
                    .linkUp(ViewTests.contact(number), isDialler: true), now: .zero)
            }
            var now = Instant.zero
            for round in 0..<200 {
                now = now + Limits.viewFramePeriod
                let attacker = 1_000 + round % 40
                let friends = (0..<Limits.shuffleList).map { ViewTests.contact(1_000 + $0) }
                _ = view.handle(
                    .linkUp(ViewTests.contact(attacker), isDialler: false), now: now)
                for message in [
                    ViewMessage.join(toyPeer(attacker)), .neighbor(isHigh: true),
                    .shuffle(origin: toyPeer(attacker), ttl: 1, friends),
                    .shuffleReply(friends),
                ] {
                    _ = view.handle(.message(message, from: toyPeer(attacker)), now: now)
                }
                _ = view.handle(.timer, now: now)
                #expect(view.active.count <= Limits.activeView)
                #expect(view.passiveCount <= Limits.passiveView)
            }
            #expect(
                view.active.contains(toyPeer(500)) && view.active.contains(toyPeer(501)),
                "seed \(seed)")
        }
    }
}
