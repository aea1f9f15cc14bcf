import PeerState
import PeerTesting
import Testing

/// HOSTILE "Chain and authority": grants nobody may give, proofs nobody has, and agents.
@Suite struct GrantRowTests {
    private static func peer(_ name: String) -> Peer.ID { RightsServer.peer(name) }

    @Test func `H-055 a grant to oneself, to the owner, above one's level, of what is not held`()
        throws
    {
        var server = try RightsServer.with(["A": .admin, "M": .moderator, "X": .member])
        for (name, act) in [
            ("M", RightsAct.grant("M", .admin)), ("M", .grant("M", .moderator)),
            ("A", .grant("O", .admin)), ("A", .grant("O", .member)),
            ("M", .grant("P", .admin)), ("M", .grant("X", .admin)), ("X", .grant("P", .member)),
        ] {
            try server.expectRefused(name, act, "noPermission")
        }
        // Permissions: what one does not hold oneself, and those that only admins give.
        let lead = try server.write("O", .role("lead", .manageRoles))
        try server.write("O", .assign("X", lead))
        for bit: UInt64 in [0, 1, 2, 5, 7] {
            try server.expectRefused("X", .permit("X", bit), "noPermission")
            try server.expectRefused("X", .permit("M", bit), "noPermission")
        }
        try server.expectRefused("X", .role("mine", .manageChannels), "noPermission")
        #expect(server.disagreements() == [])
    }

    @Test func `H-055 a grant to an active member of that level`() throws {
        var server = try RightsServer.with(["A": .admin, "M": .moderator, "X": .member])
        for (name, act) in [
            ("A", RightsAct.grant("X", .member)), ("A", .grant("M", .moderator)),
            ("A", .grant("M", .member)), ("O", .grant("A", .admin)), ("O", .grant("A", .member)),
            ("M", .grant("X", .member)),
        ] {
            try server.expectRefused(name, act, "notHigher")
        }
        #expect(server.level("A") == .admin && server.level("M") == .moderator)
        #expect(server.disagreements() == [])
    }

    @Test func `H-057 a proof that is unknown, void, foreign, or no longer the active grant`()
        throws
    {
        var server = try RightsServer.with(["A": .admin, "B": .member, "C": .member])
        let old = try #require(server.state.standing(of: Self.peer("B"))?.proof)
        let foreign = try #require(server.state.standing(of: Self.peer("C"))?.proof)
        let nowhere = Event.ID(RightsServer.peer("nobody"))
        server.expectDropped(
            try server.forged("B", .profile("x"), proof: nowhere), "badProof")
        server.expectRefused(
            try server.forged("B", .profile("y"), proof: foreign), "badProof")
        try server.write("A", .grant("B", .moderator))
        server.expectRefused(try server.forged("B", .profile("z"), proof: old), "badProof")
        // A grant that fell with who gave it.
        var apart = server
        try server.write("O", .remove("A", server.cut("A")))
        let void = try apart.write("A", .grant("D", .member))
        server.merge(apart)
        let late = try server.forged("D", .profile("w"), proof: void)
        #expect(["badProof", "notMember"].contains(server.receive(late)))
        #expect(!server.isMember("D") && server.disagreements() == [])
    }

    @Test func `H-057 no proof at all, and keys that never were members`() throws {
        var server = try RightsServer.with(["B": .member])
        let proof = try #require(server.state.standing(of: Self.peer("B"))?.proof)
        var bare = Forgery(next: server.replica, by: RightsServer.key("B"), kind: 1, [])
        bare[.deps] = .array([.bytes(proof.bytes)])
        bare[.lamport] = .unsigned(server.state.graph.lamport(over: [proof]))
        server.expectRefused(try Envelope(decoding: bare.envelope), "badProof")
        let settled = (server.hash, FrontierDigest.of(server.state), server.state.graph.count)
        var entropy = Entropy.seeded(SeededRandom(seed: 57))
        let (_, cost) = try Cost.counting {
            for number in 0..<1_000 {
                let key = SigningKey(seed: entropy.bytes(SigningKey.seedByteCount))
                var event = Forgery(next: server.replica, by: key, kind: 1, [])
                event[.deps] = .array([.bytes(proof.bytes)])
                event[.proof] = number.isMultiple(of: 2) ? .null : .bytes(proof.bytes)
                event[.lamport] = .unsigned(server.state.graph.lamport(over: [proof]))
                let word = server.receive(try Envelope(decoding: event.envelope))
                #expect(word == "notMember")
            }
        }
        #expect(cost.signatureChecks <= 1_000)
        #expect(server.hash == settled.0 && FrontierDigest.of(server.state) == settled.1)
        #expect(server.state.graph.count == settled.2, "nothing is stored")
        #expect(server.replica.pending.count == 0)
    }

    @Test func `H-059 a delegation that grows ever deeper ends at 16`() throws {
        var server = try RightsServer.with(["M1": .moderator])
        var depth = 1
        while depth < 40 {
            let act = RightsAct.grant("M\(depth + 1)", .moderator)
            guard try server.refusal("M\(depth)", act) == nil else { break }
            try server.write("M\(depth)", act)
            depth += 1
        }
        // What M16 does has a chain of itself and sixteen grants.
        #expect(depth == Limits.maxDelegationDepth)
        try server.expectRefused("M\(depth)", .grant("P", .member), "tooDeep")
        try server.expectRefused("M\(depth)", .grant("P", .moderator), "tooDeep")
        #expect(!server.isMember("P") && server.disagreements(orders: 1) == [])
    }

    @Test func `H-060 a second create, and one under a chosen id`() throws {
        var server = try RightsServer.with(["B": .member])
        let other = try RightsServer(owner: "B")
        let create = try #require(other.log.first)
        #expect(create.id != Event.ID(server.id))
        server.expectDropped(create, "duplicateCreate")
        // An id is a hash: any other byte is another id.
        let own = try #require(server.log.first)
        var payload = own.payload
        payload[payload.count - 1] ^= 1
        let forged = Envelope(payload: payload, key: RightsServer.key("O"))
        #expect(forged.id != own.id)
        server.expectDropped(forged, "duplicateCreate")
        server.expectDropped(own, "duplicate", checks: 0)
        #expect(server.state.name == "Harbour")
    }

    @Test func `H-063 an agent whose grant has lapsed`() throws {
        var server = try RightsServer.with(["B": .admin])
        let room = try server.room("O", "plan")
        try server.write("B", .grant("G", .member, Attenuation(lapse: 20)))
        try server.write("G", .post(room, "while B is there"))
        for _ in 0..<20 { try server.write("O", .ack) }
        try server.expectRefused("G", .post(room, "too late"), "lapsed")
        #expect(try server.refusal("G", .post(room, "too late")) == "lapsed")
        try server.write("B", .ack)
        try server.write("G", .post(room, "B is back"))
        #expect(server.disagreements() == [])
    }
}
