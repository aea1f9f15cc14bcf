import PeerNet
import PeerNode
import PeerState
import PeerTesting
import Testing

/// HOSTILE "Frames and handshake" before a link is up: a stranger at a node of three honest ones.
@Suite struct HandshakeRowTests {
    static let stranger = SigningKey(seed: [UInt8](repeating: 0x77, count: 32))

    /// Expects that node 0 closed the link over `cause` and spent no more than allowed.
    static func expectRefused(
        _ three: HonestThree, _ link: LinkID, _ spent: HonestThree.Spent, checks: Int = 0,
        agreements: Int = .max, answered: Int = 0, _ code: String = "badHandshake",
        sourceLocation: SourceLocation = #_sourceLocation
    ) {
        #expect(three.isClosed(link), sourceLocation: sourceLocation)
        #expect(three.logged(code) == 1, "\(three.log)", sourceLocation: sourceLocation)
        #expect(spent.work.signatureChecks <= checks, sourceLocation: sourceLocation)
        #expect(spent.work.agreements <= agreements, sourceLocation: sourceLocation)
        #expect(spent.writes == 0, sourceLocation: sourceLocation)
        #expect(spent.answered == answered, sourceLocation: sourceLocation)
    }

    @Test func `H-001 a message of length 0`() throws {
        let three = try HonestThree(seed: 1_001)
        let link = try three.dial()
        let spent = three.spent { three.write([0, 0], on: link) }
        Self.expectRefused(three, link, spent, agreements: 0)
        try three.expectPeace()

        let (open, _) = try three.enter(Self.stranger)
        let late = three.spent { three.write([0, 0], on: open) }
        Self.expectRefused(three, open, late, agreements: 0, "badFrame")
        try three.expectPeace()
    }

    @Test(arguments: [1, 65_533])
    func `H-002 length 65,535, then silence`(following: Int) throws {
        let three = try HonestThree(seed: 1_002)
        let link = try three.dial()
        let long = [0xff, 0xff] + [UInt8](repeating: 1, count: following)
        let held = three.spent(for: Milliseconds(Limits.handshakeTimeout.count / 2)) {
            three.write(long, on: link)
        }
        #expect(!three.isClosed(link) && held.answered == 0)
        let spent = three.spent(for: Limits.handshakeTimeout) {}
        Self.expectRefused(three, link, spent, agreements: 0, "timeout")
        try three.expectPeace()
    }

    @Test func `H-003 one byte at a time ends five seconds after accept`() throws {
        let three = try HonestThree(seed: 1_003)
        let link = try three.dial()
        let accepted = three.mesh.network.now
        var closed: Instant?
        let spent = three.spent {
            for byte in [UInt8](repeating: 0, count: 1) + [32] + [UInt8](repeating: 9, count: 30) {
                three.write([byte], on: link)
                three.run(for: 500)
                if closed == nil && three.isClosed(link) { closed = three.mesh.network.now }
            }
        }
        Self.expectRefused(three, link, spent, agreements: 0, "timeout")
        let waited = try #require(closed).milliseconds(since: accepted)
        #expect(waited <= Limits.handshakeTimeout.count + 1_000)
        #expect(waited >= Limits.handshakeTimeout.count - 500)
        try three.expectPeace()
    }

    @Test func `H-004 message 3 before 1, two of 1`() throws {
        let three = try HonestThree(seed: 1_004)
        let dialler = try HandDialler(Self.stranger)
        let (_, second) = try three.greet(dialler)
        let third = try dialler.third(after: second) { dialler.payload($0) }.message
        three.run(for: .seconds(8))
        #expect(three.logged("timeout") == 1, "the first link said no more")
        let early = try three.dial()
        let spent = three.spent { three.write(third, on: early) }
        Self.expectRefused(three, early, spent)
        try three.expectPeace()

        let again = try HonestThree(seed: 1_004)
        let (twice, _) = try again.greet(dialler)
        let repeated = again.spent { again.write(dialler.first, on: twice) }
        Self.expectRefused(again, twice, repeated)
        try again.expectPeace()
    }

    /// Points whose product with any scalar is zero, as published with RFC 7748.
    static let lowOrder: [[UInt8]] = [
        [UInt8](repeating: 0, count: 32),
        [1] + [UInt8](repeating: 0, count: 31),
        [0xec] + [UInt8](repeating: 0xff, count: 30) + [0x7f],
        [0xed] + [UInt8](repeating: 0xff, count: 30) + [0x7f],
        [0xee] + [UInt8](repeating: 0xff, count: 30) + [0x7f],
    ]

    @Test(arguments: lowOrder)
    func `H-005 an ephemeral that makes an all-zero secret`(point: [UInt8]) throws {
        let three = try HonestThree(seed: 1_005)
        let link = try three.dial()
        let spent = three.spent { three.write(Framer.frame(point), on: link) }
        Self.expectRefused(three, link, spent, agreements: 1)
        try three.expectPeace()

        // The same in message 2, to one who dialled.
        let answering = try Self.dialled(three) { _ in
            Framer.frame(point + [UInt8](repeating: 0, count: 64))
        }
        #expect(three.logged("badHandshake") == 2)
        #expect(answering.work.agreements <= 1 && answering.work.signatureChecks == 0)
        try three.expectPeace()
    }

    /// Makes node 0 dial the visitor, who answers message 1; what that cost node 0.
    static func dialled(
        _ three: HonestThree, expecting peer: Peer.ID? = nil, _ answer: ([UInt8]) throws -> [UInt8]
    ) throws -> HonestThree.Spent {
        let address = Mesh.address(HonestThree.place)
        _ = try three.mesh.act(0, .addPeer(address: address, identity: peer))
        let before = three.visitor.links.count
        while three.visitor.links.count == before { try #require(three.mesh.step()) }
        let link = try #require(three.visitor.links.last)
        while three.visitor.received[link] == nil { try #require(three.mesh.step()) }
        let second = try answer(three.visitor.received[link] ?? [])
        return three.spent(for: 900) { three.write(second, on: link) }
    }

    @Test func `H-006 messages 2 and 3 of another session`() throws {
        let three = try HonestThree(seed: 1_006)
        let dialler = try HandDialler(Self.stranger)
        let (open, second) = try three.greet(dialler)
        let third = try dialler.third(after: second) { dialler.payload($0) }.message
        three.write(third, on: open)
        three.run(for: .seconds(1))
        #expect(!three.isClosed(open))
        let (replayed, other) = try three.greet(dialler)
        #expect(other != second)
        let spent = three.spent { three.write(third, on: replayed) }
        Self.expectRefused(three, replayed, spent)
        try three.expectPeace()

        let cost = try Self.dialled(three) { _ in second }
        #expect(three.logged("badHandshake") == 2)
        #expect(cost.work.signatureChecks == 0 && cost.writes == 0)
        try three.expectPeace()
    }

    enum WrongSignature: CaseIterable { case staticKey, role, session, signer }

    @Test(arguments: WrongSignature.allCases)
    func `H-007 an identity signed for another key, role or session`(
        wrong: WrongSignature
    ) throws {
        let three = try HonestThree(seed: 1_007)
        let dialler = try HandDialler(Self.stranger)
        let (link, second) = try three.greet(dialler)
        let other = try HandDialler(Self.stranger, seed: 4)
        let third = try dialler.third(after: second) { hash in
            switch wrong {
            case .staticKey: other.payload(hash)
            case .role: dialler.payload(hash, role: .responder)
            case .session: dialler.payload([UInt8](repeating: 1, count: hash.count))
            case .signer: dialler.payload(hash, by: three.mesh.key(1))
            }
        }.message
        let spent = three.spent { three.write(third, on: link) }
        Self.expectRefused(three, link, spent, checks: 1)
        try three.expectPeace()
    }

    @Test func `H-008 our own identity answers, or asks`() throws {
        let three = try HonestThree(seed: 1_008)
        three.visitor.makeSession = { isDialler, now in
            SessionPair.session(
                isDialler ? .dialler(expected: nil) : .listener, key: three.mesh.key(0), now: now)
        }
        let address = Mesh.address(HonestThree.place)
        _ = try three.mesh.act(0, .addPeer(address: address, identity: nil))
        let spent = three.spent(for: .seconds(600)) {}
        #expect(three.visitor.links.count == 1, "no retry")
        #expect(three.logged("badHandshake") == 1)
        #expect(spent.work.signatureChecks <= 1 && spent.writes == 0)
        try three.expectPeace()

        let link = try three.dial()
        let asked = three.spent {}
        #expect(three.isClosed(link) && asked.work.signatureChecks <= 1 && asked.writes == 0)
        try three.expectPeace()
    }
}
