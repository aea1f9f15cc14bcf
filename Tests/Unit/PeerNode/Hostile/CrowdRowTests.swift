import PeerNet
import PeerNode
import PeerState
import PeerTesting
import Testing

/// HOSTILE "Sync and gossip": what crowds may ask of a node of three honest ones.
@Suite struct CrowdRowTests {
    private static let stranger = HandshakeRowTests.stranger

    /// A link that lets people in, and its secret.
    private static func door(_ three: HonestThree) throws -> Invite {
        let expiry = three.mesh.wallMilliseconds(0) + 3_600_000
        let made = try three.mesh.act(
            0, .link(.create(usesMax: 5, expiresAtMilliseconds: expiry), in: three.server))
        three.run(for: .seconds(30))
        three.settle()
        return try Invite(code: try #require(made.inviteCode))
    }

    private static func ask(
        _ three: HonestThree, _ invite: Invite, link: Event.ID? = nil, server: Server.ID? = nil,
        by secret: [UInt8]? = nil
    ) throws -> [UInt8] {
        let id = try #require(link ?? invite.link)
        let bytes = try #require(secret ?? invite.secret)
        let secret = try #require(LinkSecret(bytes))
        let target = stranger.publicKey
        let claim = secret.claim(server: three.server, link: id, target: target)
        let ask = SyncMessage.JoinAsk(link: id, target: target, claim: claim)
        return SyncMessage.joinAsk(server ?? three.server, ask).bytes
    }

    private static func entered(_ three: HonestThree) throws -> LinkID {
        three.visitor.makeSession = { _, now in
            SessionPair.session(.dialler(expected: nil), key: stranger, now: now)
        }
        let link = try three.dial()
        three.run(for: .seconds(2))
        try #require(three.visitor.isEstablished(link))
        return link
    }

    private static func answers(_ three: HonestThree) throws -> [SyncMessage.JoinAnswer] {
        try three.visitor.frames.compactMap {
            if case .joinAnswer(_, let answer) = try SyncMessage(decoding: $0) {
                answer
            } else {
                nil
            }
        }
    }

    @Test func `H-088 1,000 requests for unknown servers and links, and with forged claims`()
        throws
    {
        let three = try HonestThree(seed: 1_088)
        let invite = try Self.door(three)
        let link = try Self.entered(three)
        let nowhere = Server.ID(Sodium.hash("test/nowhere", []))
        let unknown = Event.ID(Sodium.hash("test/unknown", []))
        for frame in [
            try Self.ask(three, invite, server: nowhere),
            try Self.ask(three, invite, link: unknown),
        ] {
            let spent = three.spent(for: .seconds(40)) {
                for _ in 0..<1_000 { three.send(frame, on: link) }
            }
            #expect(try Self.answers(three).isEmpty, "silence")
            #expect(spent.work.signatureChecks == 0 && spent.writes == 0)
        }
        let forged = try Self.ask(
            three, invite, by: [UInt8](repeating: 88, count: LinkSecret.byteCount))
        let spent = three.spent(for: .seconds(9)) {
            for _ in 0..<1_000 { three.send(forged, on: link) }
        }
        let refused = try Self.answers(three)
        #expect(refused.count == Limits.joinAskRate)
        #expect(refused.allSatisfy { $0.code == "badClaim" && $0.envelope == nil })
        #expect(spent.work.signatureChecks <= Limits.joinAskRate && spent.writes == 0)
        #expect(!three.isClosed(link))
        try three.expectPeace()
    }

    @Test func `H-088 a request repeated after admission gets the same one and takes no use`()
        throws
    {
        let three = try HonestThree(seed: 1_088)
        let invite = try Self.door(three)
        let link = try Self.entered(three)
        let frame = try Self.ask(three, invite)
        three.send(frame, on: link)
        three.run(for: .seconds(30))
        let first = try #require(try Self.answers(three).first { $0.status == .admitted })
        three.settle()
        for _ in 0..<4 {
            let spent = three.spent(for: .seconds(12)) {
                for _ in 0..<100 { three.send(frame, on: link) }
            }
            #expect(spent.writes == 0)
        }
        let again = try Self.answers(three).filter { $0.status == .admitted }
        #expect(again.count >= 2 && again.allSatisfy { $0 == first })
        let id = try #require(invite.link)
        #expect(three.mesh.core(0).servers[three.server]?.state.link(id)?.uses == 1)
        try three.expectPeace()
    }

    @Test func `H-086 addresses of forged beacons are bounded`() throws {
        let three = try HonestThree(seed: 1_086)
        let spent = three.spent(for: .seconds(30)) {
            for number in 0..<5_000 {
                three.discover("192.168.\(number / 250).\(number % 250 + 1):4646")
            }
        }
        let gauges = three.mesh.core(0).reachSnapshot().gauges
        #expect(gauges[.dialTargets] ?? .max <= UInt64(Limits.dialTargets))
        #expect(spent.work.signatureChecks == 0 && spent.writes == 0)
        try three.expectPeace()
    }
}
