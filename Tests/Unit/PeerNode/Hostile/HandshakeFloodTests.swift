import PeerNet
import PeerNode
import PeerState
import PeerTesting
import Testing

/// Handshakes as fast as sockets open (HOSTILE, promise 3): bounded before they cost anything.
@Suite struct HandshakeFloodTests {
    private static let first = Framer.frame([UInt8](1...32))

    /// Opens a link at a place of its own and says what a first message could be.
    private static func knock(_ three: HonestThree, from place: Int) throws -> LinkID {
        let ends = three.mesh.network.connect(from: place, to: 0)
        let link = try #require(ends?.dialler)
        three.mesh.network.send(first, on: link)
        return link
    }

    @Test func `a flood of handshakes of one host costs its rate, and members come back`() throws {
        let three = try HonestThree(seed: 2_110)
        let (rounds, each) = (60, 40)
        let begun = three.mesh.network.now
        let spent = try three.spent(for: .seconds(1)) {
            for _ in 0..<rounds {
                for _ in 0..<each {
                    let link = try Self.knock(three, from: HonestThree.place)
                    three.run(for: Milliseconds(10))
                    three.mesh.network.close(link)
                }
                // A member loses its links and dials again.
                for link in three.mesh.network.openLinks
                where three.mesh.network.node(of: link) == 1 { three.mesh.network.cut(link) }
            }
        }
        let seconds = Int(three.mesh.network.now.milliseconds(since: begun) / 1_000) + 1
        let most = Int(Limits.handshakeBurstPerHost) + seconds * Int(Limits.handshakesPerHost)
        #expect(spent.work.agreements <= 3 * most, "three for each that was answered")
        let counters = three.mesh.core(0).reachSnapshot().counters
        #expect(counters[.handshakesRefused] >= UInt64(rounds * each - most))
        #expect(three.logged("too many handshakes") <= seconds / 10 + 1)
        three.run(for: .seconds(3))
        #expect(three.mesh.network.openLinks.contains { three.mesh.network.node(of: $0) == 1 })
        try three.expectPeace()
    }

    @Test func `a flood from many hosts keeps out neither members nor a newcomer`() throws {
        let three = try HonestThree(seed: 2_111)
        let crowd = Visitor()
        let places = 20..<84
        for place in places { three.mesh.outsiders[place] = crowd }
        for _ in 0..<40 {
            for place in places {
                let link = try Self.knock(three, from: place)
                three.run(for: Milliseconds(5))
                three.mesh.network.close(link)
            }
        }
        for link in three.mesh.network.openLinks where three.mesh.network.node(of: link) == 1 {
            three.mesh.network.cut(link)
        }
        let link = try three.enter(HandshakeRowTests.stranger, for: .seconds(1)).link
        #expect(!three.isClosed(link), "a newcomer whose host asked for nothing lately")
        three.run(for: .seconds(3))
        #expect(three.mesh.network.openLinks.contains { three.mesh.network.node(of: $0) == 1 })
        let counters = three.mesh.core(0).reachSnapshot().counters
        #expect(counters[.handshakesRefused] > 500)
        try three.expectPeace()
    }

    /// Sixteen hosts with four silent sockets each take every place of those half open.
    @Test func `silent sockets of many hosts keep no member out`() throws {
        let three = try HonestThree(seed: 2_112)
        let crowd = Visitor()
        for link in three.mesh.network.openLinks where three.mesh.network.node(of: link) == 0 {
            three.mesh.network.cut(link)
        }
        for place in 20..<36 {
            three.mesh.outsiders[place] = crowd
            for _ in 0..<4 { _ = three.mesh.network.connect(from: place, to: 0) }
        }
        // Node 0 dials nobody now: whoever comes has to be let in.
        three.mesh.blocksDial = { from, _ in from == 0 }
        three.run(for: .seconds(4))
        for node in 1...2 {
            #expect(
                three.mesh.network.openLinks.contains { link in
                    three.mesh.network.node(of: link) == node
                        && three.mesh.network.otherEnd(of: link)
                            .map { three.mesh.network.node(of: $0) == 0 } == true
                }, "node \(node)")
        }
    }
}
