import PeerNet
import PeerState
import Testing

@Suite struct LinkPolicyTests {
    @Test func `many of one address keep nobody else out`() {
        var half = HalfOpenGuard()
        let admitted = (0..<10_000).filter { _ in half.admit("10.0.0.1") }
        #expect(admitted.count == 4)
        #expect(half.admit("10.0.0.2") == true)
        half.settle("10.0.0.1")
        #expect([half.admit("10.0.0.1"), half.admit("10.0.0.1")] == [true, false])
    }

    @Test func `64 in all, and settling frees places`() {
        var half = HalfOpenGuard()
        for host in 0..<64 { #expect(half.admit("h\(host)") == true) }
        #expect(half.admit("other") == false)
        half.settle("unknown")
        #expect(half.count == 64)
        half.settle("h3")
        #expect(half.admit("other") == true)
        #expect(half.count == 64)
    }

    @Test func `S-221 both ends keep the link of the smaller key`() throws {
        let keys = [SessionPair.key(1).publicKey, SessionPair.key(2).publicKey].sorted()
        // Link 1 was dialled by the smaller key, link 2 by the larger; each order at each end.
        for order in [[1, 2], [2, 1]] {
            for own in keys {
                let other = try #require(keys.first { $0 != own })
                var links = DuplicateLinks<Int>(own: own)
                let closed = order.map { link in
                    links.established(
                        link, with: other, isDialler: (link == 1) == (own == keys[0]))
                }
                #expect(closed == [nil, 2])
                #expect(links.link(to: other) == 1)
                links.closed(2, with: other)
                #expect(links.link(to: other) == 1)
                links.closed(1, with: other)
                #expect(links.count == 0)
            }
        }
    }

    @Test func `of two links with one initiator the newer stays`() {
        let other = SessionPair.key(2).publicKey
        var links = DuplicateLinks<Int>(own: SessionPair.key(1).publicKey)
        #expect(links.established(1, with: other, isDialler: true) == nil)
        #expect(links.established(2, with: other, isDialler: true) == 1)
        #expect(links.link(to: other) == 2)
    }

    @Test func `redial waits double to a minute, each within its half`() {
        for seed in 0..<50 as Range<UInt64> {
            var entropy = Entropy.seeded(SeededRandom(seed: seed))
            var backoff = Backoff()
            for full in [1_000, 2_000, 4_000, 8_000, 16_000, 32_000, 60_000, 60_000] as [UInt64] {
                let wait = backoff.failed(&entropy)
                #expect((full / 2...full).contains(wait.count), "seed \(seed)")
            }
            for _ in 0..<100 { #expect(backoff.failed(&entropy).count <= 60_000) }
            backoff.succeeded()
            #expect(backoff.failed(&entropy).count <= 1_000)
        }
    }
}
