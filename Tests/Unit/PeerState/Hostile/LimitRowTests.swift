import PeerState
import PeerTesting
import Testing

/// HOSTILE H-065: as many of everything as somebody likes to make.
@Suite struct LimitRowTests {
    @Test func `H-065 roles beyond 256 are refused, backdated ones too`() throws {
        var server = try RightsServer.with(["A": .admin, "D": .admin, "E": .admin])
        let old = server
        for number in 0..<Limits.maxRoles { try server.write("A", .role("r\(number)", [])) }
        let full = server.visible[3].count
        #expect(full == UInt64(Limits.maxRoles))
        try server.expectRefused("A", .role("more", []), "limit")
        try server.expectRefused("D", .role("more", []), "limit")
        #expect(try server.refusal("D", .role("more", [])) == "limit")
        // Beside them, by one who knew none: it stands, and nobody loses a role.
        var apart = old
        try apart.write("E", .role("beside", []))
        server.merge(apart)
        #expect(server.visible[3].count == full + 1)
        #expect(server.disagreements(orders: 1) == [])
    }

    @Test func `H-065 of channels beyond 1,000 the first in canonical order hold`() throws {
        var server = try RightsServer.with(["A": .admin, "D": .admin, "E": .admin])
        let old = server
        func holds(_ server: RightsServer, _ channel: Channel.ID) -> Bool {
            server.state.holdingChannels.contains { $0.id == channel }
        }
        var made: [Channel.ID] = []
        for number in 0..<Limits.maxChannels {
            made.append(Channel.ID(try server.write("A", .channel("c\(number)"))))
        }
        #expect(server.visible[6].count == UInt64(Limits.maxChannels))
        let extra = Channel.ID(try server.forged("D", .channel("more")).id)
        #expect(try server.force("D", .channel("more")) == nil, "effective, without effect")
        #expect(server.state.explanation(of: Event.ID(extra))?.outcome == .void(.overLimit))
        #expect(server.visible[6].count == UInt64(Limits.maxChannels))
        #expect(!holds(server, extra))
        // A backdated one stands before the last of them, which waits.
        var apart = old
        let early = Channel.ID(try apart.write("E", .channel("early")))
        server.merge(apart)
        #expect(server.visible[6].count == UInt64(Limits.maxChannels))
        #expect(holds(server, early))
        let last = try #require(made.last)
        #expect(!holds(server, last))
        // A place is free again: the next in order takes it.
        let room = RightsRoom(channel: made[0], epoch: Event.ID(made[0]))
        try server.write("A", .deleteChannel(room))
        #expect(holds(server, last))
        #expect(server.visible[6].count == UInt64(Limits.maxChannels))
        #expect(server.disagreements(orders: 1) == [])
    }

    @Test func `H-065 of pins beyond 50 and reactions beyond 20 the first in canonical order hold`()
        throws
    {
        var server = try RightsServer.with(["A": .admin, "D": .admin])
        let room = try server.room("O", "plan")
        var messages: [Event.ID] = []
        for number in 0..<1_000 where messages.count < 60 {
            messages.append(try server.write("A", .post(room, "\(number)")))
        }
        for message in messages.prefix(Limits.pinsPerChannel) {
            try server.write("A", .pin(message))
        }
        for message in messages.suffix(5) {
            let pin = try server.forged("D", .pin(message))
            #expect(server.receive(pin) == nil)
            #expect(server.state.explanation(of: pin.id)?.outcome == .void(.overLimit))
            #expect(server.visible[9].count == UInt64(Limits.pinsPerChannel))
        }
        let reactions = try (0...Limits.reactionsPerAuthor).map {
            try server.write("A", .react(messages[0], room, "\($0)"))
        }
        let outcomes = reactions.map { server.state.explanation(of: $0)?.outcome }
        #expect(outcomes.count { $0 == .effective } == Limits.reactionsPerAuthor)
        #expect(outcomes.last == .void(.overLimit))
        try server.write("A", .unpin(messages[0]))
        #expect(server.visible[9].count == UInt64(Limits.pinsPerChannel), "another waited")
        #expect(server.disagreements(orders: 1) == [])
    }

    @Test func `H-065 members beyond 10,000 are refused`() throws {
        let server = try RightsServer.with(["A": .admin])
        var replica = server.replica
        let writer = Replica.Writer(
            key: RightsServer.key("O"), wallMilliseconds: server.wall + 1_000)
        var entropy = Entropy.seeded(SeededRandom(seed: 65))
        var refused: RuleCode?
        var granted = 2
        while refused == nil && granted <= Limits.maxMembers {
            do throws(Failure<RuleCode>) {
                _ = try replica.author(
                    MemberGranted(target: try Self.peer(&entropy), level: .member), by: writer)
                granted += 1
            } catch {
                refused = error.code
            }
        }
        #expect(refused == .limit && granted == Limits.maxMembers)
        // By one who asks nobody before he signs.
        var event = Forgery(
            next: replica, by: RightsServer.key("O"), kind: MemberGranted.kind,
            [.bytes(try Self.peer(&entropy).bytes), .unsigned(0), .null])
        event[.proof] = .null
        let before = StateHash.sections(of: replica.state).prefix(14)
        let verdict = replica.receive(
            event.envelope, wallMilliseconds: RightsServer.receivedAt)
        #expect(verdict.word == "limit")
        #expect(StateHash.sections(of: replica.state).prefix(14) == before)
    }

    private static func peer(_ entropy: inout Entropy) throws(Failure<RuleCode>) -> Peer.ID {
        guard let peer = Peer.ID(entropy.bytes(32)) else { throw Failure(.badBody) }
        return peer
    }
}
