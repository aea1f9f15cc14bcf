import PeerNet
import PeerNode
import PeerState
import PeerTesting
import Testing

/// What peers that nothing connects with a node may take from others: nothing.
@Suite struct StrangerTests {
    private static func key(_ number: Int) -> SigningKey {
        SigningKey(seed: [UInt8](repeating: UInt8(number & 255), count: 31) + [UInt8(number >> 8)])
    }

    /// A stranger who says to listen somewhere would be dialled for ever, in the place of others.
    @Test func `addresses of strangers are not kept`() throws {
        let three = try HonestThree(seed: 2_101)
        let before = three.mesh.core(0).reachSnapshot().gauges
        #expect(before[.addressBook] == 2, "the members")
        for number in 1...8 {
            let (link, _) = try three.enter(Self.key(number), listenPort: UInt64(5_000 + number))
            try #require(!three.isClosed(link))
        }
        let after = three.mesh.core(0).reachSnapshot().gauges
        #expect(after[.dialTargets] == before[.dialTargets])
        #expect(after[.addressBook] == before[.addressBook])
        try three.expectPeace()
    }

    /// Links cost descriptors, of which the operator and members need some, too.
    @Test func `so many links of strangers stay, and the oldest goes first`() throws {
        let three = try HonestThree(seed: 2_102)
        let most = Limits.strangerLinks
        // No host shakes hands as often as it likes.
        let links = try (1...most + 3).map {
            try three.enter(Self.key($0), for: Milliseconds(100), from: 20 + $0 % 5).link
        }
        three.run(for: .seconds(2))
        #expect(links.prefix(3).allSatisfy { three.isClosed($0) })
        #expect(links.dropFirst(3).allSatisfy { !three.isClosed($0) })
        #expect(three.mesh.core(0).reachSnapshot().counters[.strangersClosed] == 3)
        try three.expectPeace()
    }
}
