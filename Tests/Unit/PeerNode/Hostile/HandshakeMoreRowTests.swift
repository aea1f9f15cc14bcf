import PeerNet
import PeerNode
import PeerState
import PeerTesting
import Testing

/// HOSTILE "Frames and handshake": crowds, other networks, sizes, and whom one dialled.
@Suite struct HandshakeMoreRowTests {
    private static let stranger = HandshakeRowTests.stranger

    @Test func `H-009 10,000 half-open sockets of one address`() throws {
        let three = try HonestThree(seed: 1_009)
        var links: [LinkID] = []
        let spent = try three.spent(for: .seconds(1)) {
            for _ in 0..<10_000 {
                let ends = three.mesh.network.connect(from: HonestThree.place, to: 0)
                links.append(try #require(ends).dialler)
            }
            three.run(for: .seconds(1))
            let open = links.count { !three.isClosed($0) }
            #expect(open == Limits.maxHalfOpenPerAddress)
        }
        #expect(spent.work.agreements == 0 && spent.writes == 0 && spent.answered == 0)
        let counters = three.mesh.core(0).reachSnapshot().counters
        #expect(counters[.halfOpenRefused] == UInt64(10_000 - Limits.maxHalfOpenPerAddress))
        // An honest dial gets in meanwhile.
        for link in three.mesh.network.openLinks where three.mesh.network.node(of: link) == 1 {
            three.mesh.network.cut(link)
        }
        three.run(for: .seconds(3))
        #expect(three.mesh.network.openLinks.contains { three.mesh.network.node(of: $0) == 1 })
        three.run(for: Limits.handshakeTimeout)
        #expect(links.allSatisfy { three.isClosed($0) })
        try three.expectPeace()
    }

    @Test func `H-009 no more than 64 half-open links in all`() throws {
        let three = try HonestThree(seed: 1_009)
        let crowd = Visitor()
        var links: [LinkID] = []
        for place in 10..<60 {
            three.mesh.outsiders[place] = crowd
            for _ in 0..<4 {
                let ends = three.mesh.network.connect(from: place, to: 0)
                links.append(try #require(ends).dialler)
            }
        }
        three.run(for: .seconds(1))
        #expect(links.count { !crowd.closed.contains($0) } == Limits.maxHalfOpen)
        three.run(for: Limits.handshakeTimeout)
        #expect(links.allSatisfy { crowd.closed.contains($0) })
        try three.expectPeace()
    }

    @Test func `H-012 another version or network`() throws {
        let three = try HonestThree(seed: 1_012)
        let dialler = try HandDialler(Self.stranger, network: "test")
        let (link, second) = try three.greet(dialler)
        #expect(throws: NetFailure.self) {
            try dialler.third(after: second) { dialler.payload($0) }
        }
        // He goes on all the same, with bytes of the right length.
        let size = Handshake.thirdOverhead + dialler.payload([]).count
        let third = Framer.frame([UInt8](repeating: 7, count: size))
        let spent = three.spent { three.write(third, on: link) }
        HandshakeRowTests.expectRefused(three, link, spent)
        let line = try #require(three.log.first { $0.contains("badHandshake") })
        #expect(line.contains("version") && line.contains("network"))
        try three.expectPeace()
    }

    @Test func `H-013 a payload of 4,097 bytes`() throws {
        for (count, isTaken) in [
            (Limits.maxHandshakePayload, true), (Limits.maxHandshakePayload + 1, false),
        ] {
            let three = try HonestThree(seed: 1_013)
            let dialler = try HandDialler(Self.stranger)
            let (link, second) = try three.greet(dialler)
            let third = try dialler.third(after: second) {
                dialler.padded(dialler.payload($0), to: count)
            }.message
            let spent = three.spent { three.write(third, on: link) }
            if isTaken {
                #expect(!three.isClosed(link))
            } else {
                HandshakeRowTests.expectRefused(three, link, spent, agreements: 0)
            }
            try three.expectPeace()
        }
    }

    @Test func `H-014 each bit of each message flipped`() throws {
        var pair = SessionPair()
        let now = pair.now
        _ = pair.listener.handle(.start, now: now)
        let listening = pair.listener
        let first = SessionPair.bytes(pair.dialler.handle(.start, now: now))
        let dialling = pair.dialler
        let second = SessionPair.bytes(pair.listener.handle(.bytes(first), now: now))
        let answered = pair.listener
        let third = SessionPair.bytes(pair.dialler.handle(.bytes(second), now: now))
        for (message, receiver) in [(second, dialling), (third, answered)] {
            for bit in 16..<message.count * 8 {
                let (session, cost) = Self.flip(bit, message, receiver, now)
                #expect(session.isClosed && session.problem != nil, "bit \(bit)")
                #expect(cost.signatureChecks <= 1)
            }
        }
        for bit in 16..<first.count * 8 {
            // What was flipped in message 1 shows in message 2.
            var (session, cost) = Self.flip(bit, first, listening, now)
            #expect(cost.signatureChecks == 0)
            guard !session.isClosed else { continue }
            #expect(SessionPair.closing(session.handle(.bytes(third), now: now)) == .badHandshake)
        }
        // In the length: shorter messages do not fit, longer ones never end.
        for (message, receiver) in [(first, listening), (second, dialling), (third, answered)] {
            for bit in 0..<16 {
                var (session, cost) = Self.flip(bit, message, receiver, now)
                let late = now + Limits.handshakeTimeout
                _ = session.handle(.tick, now: late)
                #expect(session.isClosed && cost.signatureChecks == 0)
            }
        }
    }

    private static func flip(
        _ bit: Int, _ message: [UInt8], _ receiver: Session, _ now: Instant
    ) -> (Session, Cost) {
        var session = receiver
        var altered = message
        altered[bit / 8] ^= 1 << (bit % 8)
        let (effects, cost) = Cost.counting { session.handle(.bytes(altered), now: now) }
        if let code = SessionPair.closing(effects) { #expect(code == .badHandshake) }
        return (session, cost)
    }

    @Test func `H-016 another peer than the one dialled answers`() throws {
        let three = try HonestThree(seed: 1_016)
        three.visitor.makeSession = { _, now in
            SessionPair.session(.listener, key: Self.stranger, now: now)
        }
        let other = SigningKey(seed: [UInt8](repeating: 0x78, count: 32)).publicKey
        _ = try three.mesh.act(
            0, .addPeer(address: Mesh.address(HonestThree.place), identity: other))
        let spent = three.spent(for: 900) {}
        let link = try #require(three.visitor.links.first)
        #expect(three.visitor.received[link]?.count == 2 + 32, "message 1 and nothing after")
        HandshakeRowTests.expectRefused(
            three, link, spent, checks: 1, answered: 2 + 32)
        try three.expectPeace()
    }
}
