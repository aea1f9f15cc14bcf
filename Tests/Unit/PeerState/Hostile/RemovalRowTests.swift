import PeerState
import PeerTesting
import Testing

/// HOSTILE "Chain and authority": the removed, their puppets, and pins that are not theirs.
@Suite struct RemovalRowTests {
    private static func peer(_ name: String) -> Peer.ID { RightsServer.peer(name) }

    private static func cast() throws -> (server: RightsServer, room: RightsRoom) {
        var server = try RightsServer.with([
            "A": .admin, "D": .admin, "M": .moderator, "X": .member, "Y": .member,
        ])
        for (number, name) in ["O", "A", "D", "X"].enumerated() {
            try server.write(name, .prekey(UInt8(number + 1)))
        }
        let room = try server.room("O", "plan")
        return (server, room)
    }

    @Test func `H-052 backdated kick, grant, rotation and settings by a removed author`() throws {
        var (here, room) = try Self.cast()
        var there = here
        let kick = try here.write("O", .remove("A", here.cut("A")))
        let late = [
            try there.write("A", .remove("D", there.cut("D"))),
            try there.write("A", .grant("P", .admin)),
            try there.write("A", try there.rotation("A", room.channel)),
            try there.write("A", .rename("mine")),
            try there.write("A", .renameChannel(room, "mine")),
            try there.write("A", .role("mine", [])),
        ]
        let before = here.visible
        let checks = here.checks(taking: there)
        #expect(checks <= late.count)
        #expect(here.visible == before)
        for event in late {
            #expect(here.verdict(event) == "voidedByRemoval")
            let why = try #require(here.state.explanation(of: event))
            #expect(why.decider == kick, "the removal is named")
        }
        #expect(here.level("D") == .admin && !here.isMember("P") && here.state.name == "Harbour")
        #expect(here.disagreements() == [])
    }

    @Test func `H-053 a puppet kicks everyone`() throws {
        var (here, _) = try Self.cast()
        var there = here
        let kick = try here.write("O", .remove("A", here.cut("A")))
        // Admin to moderator: whom A makes is junior to A, and senior to nobody A may not touch.
        let made = try there.write("A", .grant("P", .admin))
        var acts: [Event.ID] = []
        for name in ["X", "Y"] {
            acts.append(try there.write("P", .remove(name, there.cut(name))))
        }
        for number in 0..<20 {
            acts.append(try there.write("P", .grant("Q\(number)", .member)))
            acts.append(try there.write("Q\(number)", .profile("more")))
        }
        let before = (here.visible, FrontierDigest.of(here.state))
        let checks = here.checks(taking: there)
        #expect(checks <= acts.count + 1, "one each")
        #expect(here.visible == before.0, "membership as before")
        #expect(here.verdict(made) == "voidedByRemoval")
        for event in acts {
            #expect(here.verdict(event) == "voidedProof")
            #expect(here.state.explanation(of: event)?.decider == kick, "the removal is named")
        }
        #expect(here.isMember("X") && here.isMember("Y") && !here.isMember("P"))
        #expect(here.disagreements() == [])
    }

    @Test func `H-056 a cut in the future, on a foreign chain, or unknown`() throws {
        var (server, room) = try Self.cast()
        let mine = try server.write("X", .post(room, "mine"))
        let foreign = try server.write("Y", .post(room, "his"))
        let seq = try #require(server.state.seq(of: mine))
        for number in [seq + 1, seq + 1_000, Limits.maxSeq] {
            let cut = CBORValue.array([.unsigned(number), .bytes(mine.bytes)])
            try server.expectRefused("A", .remove("X", cut), "badCut")
            try server.expectRefused("A", .suspend("X", cut), "badCut")
        }
        try server.expectRefused("A", .remove("X", server.cut(foreign)), "badCut")
        let seqOfCreate = CBORValue.array([.unsigned(1), .bytes(server.id.bytes)])
        try server.expectRefused("A", .remove("X", seqOfCreate), "badCut")
        #expect(server.isMember("X"))
        // What is known nowhere is waited for: the cut names an event.
        let nowhere = CBORValue.array([
            .unsigned(seq), .bytes(RightsServer.peer("nobody").bytes),
        ])
        try server.expectRefused("A", .remove("X", nowhere), "missingDeps")
        #expect(server.isMember("X") && server.disagreements() == [])
    }

    @Test func `H-056 a cut on a branch that a confirm gave up`() throws {
        var (server, room) = try Self.cast()
        let seq = (server.state.graph.head(of: Self.peer("X"))?.seq ?? 0) + 1
        let fork = try server.fork("X", .post(room, "one"), .post(room, "two"))
        try server.write("Y", .ack)
        try server.write("O", .confirm("X", fork.left, seq: seq))
        #expect(server.verdict(fork.right) == "voidedFork")
        // The branch that counts goes on, so a cut on the other one is a rollback.
        try server.write("X", .post(room, "three"))
        try server.expectRefused("M", .remove("X", server.cut(fork.right)), "badCut")
        #expect(server.isMember("X") && server.disagreements() == [])
    }

    @Test func `H-058 removals beyond 256 in 10,000 lamport, whatever the clock says`() throws {
        var server = try RightsServer.with([:])
        var refused = 0
        for number in 0..<Limits.removalsPerAuthor + 4 {
            let name = "X\(number)"
            try server.write("O", .grant(name, .member))
            let remove = RightsAct.remove(name, .null)
            // A year later each time, by his own clock.
            let wall = server.wall + UInt64(number) * 31_536_000_000
            if number < Limits.removalsPerAuthor {
                try server.write("O", remove, at: wall)
            } else {
                let envelope = try server.forged("O", remove, wall: wall)
                server.expectRefused(envelope, "overRate")
                refused += 1
                #expect(server.isMember(name))
            }
        }
        #expect(refused == 4)
        #expect(server.disagreements(orders: 1) == [])
    }

    @Test func `H-058 deciding between many removals takes less than the square of them`() throws {
        var costs: [(count: Int, steps: Int)] = []
        for count in [60, 240] {
            var here = try RightsServer.with(["A": .admin, "D": .admin, "M": .moderator])
            for number in 0..<count { try here.write("O", .grant("X\(number)", .member)) }
            var there = here
            for number in 0..<count {
                try there.write(number.isMultiple(of: 2) ? "A" : "M", .remove("X\(number)", .null))
            }
            // Removals of those who removed, beside all of it.
            try here.write("D", .remove("M", here.cut("M")))
            try here.write("O", .remove("A", here.cut("A")))
            let kicks = here.log.suffix(2)
            let (_, cost) = Cost.counting { for kick in kicks { there.receive(kick) } }
            #expect(!there.isMember("A") && !there.isMember("M") && there.isMember("X0"))
            costs.append((count, cost.steps))
        }
        for (count, steps) in costs {
            let logarithm = Int.bitWidth - count.leadingZeroBitCount
            #expect(steps <= 40 * count * logarithm && (steps > 0 || !Cost.isCounted))
        }
    }

    @Test func `H-061 a grant beside the removal of its target does not survive`() throws {
        let (base, _) = try Self.cast()
        for level: Level in [.member, .moderator, .admin] {
            var (here, there) = (base, base)
            try here.write("A", .remove("M", here.cut("M")))
            if level == .member {
                // Not higher than he is: nothing an honest build writes.
                let grant = try there.forged("O", .grant("M", level))
                #expect(here.receive(grant) == "notHigher")
            } else if level == .admin {
                try there.write("O", .grant("M", level))
            } else {
                there.merge(here)
                there = base
                try there.write("O", .remove("M", there.cut("M")))
                try there.write("O", .grant("M", level))
            }
            here.meet(&there)
            #expect(!here.isMember("M") && here.hash == there.hash, "\(level)")
            #expect(here.disagreements() == [])
        }
    }

    @Test func `H-062 a cut below the last known event, or none, by a moderator`() throws {
        var (server, room) = try Self.cast()
        let first = try server.write("X", .post(room, "1"))
        try server.write("X", .post(room, "2"))
        for act in [RightsAct.remove("X", server.cut(first)), .remove("X", .null)] {
            try server.expectRefused("M", act, "badCut")
        }
        try server.expectRefused("M", .suspend("X", .null), "badCut")
        #expect(server.isMember("X") && server.state.messageCount == 2)
        #expect(server.disagreements() == [])
    }
}
