import PeerState
import PeerTesting
import Testing

/// S-060 and S-063: the worked cases of PROTOCOL 5.9, written and signed as real events.
@Suite struct RemovalScenarioTests {
    /// O owner, A and D admins, B moderator, X member, and a channel.
    private static func cast() throws -> (server: RightsServer, room: RightsRoom) {
        var server = try RightsServer.with([
            "A": .admin, "D": .admin, "B": .moderator, "X": .member,
        ])
        let room = try server.room("O", "plan")
        return (server, room)
    }

    @Test func `S-060 W1 three honest late messages are void until the pin moves`() throws {
        var (here, room) = try Self.cast()
        try here.write("B", .post(room, "before"))
        var there = here
        let kick = try here.write("A", .remove("B", here.cut("B")))
        var late: [Event.ID] = []
        for number in 1...3 { late.append(try there.write("B", .post(room, "\(number)"))) }
        here.meet(&there)
        #expect(late.allSatisfy { here.verdict($0) == "voidedByRemoval" })
        #expect(here.state.messageCount == 1)
        let last = try #require(here.state.seq(of: late[2]))
        try here.write("A", .extend(kick, to: late[2], seq: last))
        #expect(late.allSatisfy { here.verdict($0) == nil } && here.state.messageCount == 4)
        #expect(!here.isMember("B") && here.disagreements() == [])
    }

    @Test func `S-060 W2 a backdated counter-kick counts for nothing`() throws {
        var (here, _) = try Self.cast()
        var old = here
        try here.write("A", .remove("B", here.cut("B")))
        #expect(try old.refusal("B", .remove("A", old.cut("A"))) == "notSenior")
        #expect(try old.force("B", .remove("A", old.cut("A"))) == "notSenior")
        here.meet(&old)
        #expect(here.isMember("A") && !here.isMember("B") && here.disagreements() == [])
        // One of equal level but junior likewise; a senior one only by a real race.
        var (second, _) = try Self.cast()
        try second.write("A", .remove("D", second.cut("D")))
        #expect(second.isMember("A") && !second.isMember("D"))
    }

    @Test func `S-060 W3 a puppet made before the pin stays, one made after goes`() throws {
        var (here, room) = try Self.cast()
        try here.write("B", .grant("P", .member))
        var there = here
        try here.write("A", .remove("B", here.cut("B")))
        try there.write("B", .grant("Q", .member))
        let post = try there.write("Q", .post(room, "puppet"))
        here.meet(&there)
        #expect(here.isMember("P") && !here.isMember("Q"))
        #expect(here.verdict(post) == "voidedProof")
        #expect(here.disagreements() == [])
    }

    @Test func `S-060 W4a a promotion to one's own level does not turn a kick`() throws {
        var (here, _) = try Self.cast()
        var there = here
        try here.write("A", .remove("B", here.cut("B")))
        try there.write("O", .grant("B", .admin))
        #expect(try there.refusal("B", .remove("A", there.cut("A"))) == "notSenior")
        #expect(try there.force("B", .remove("A", there.cut("A"))) == "notSenior")
        here.meet(&there)
        #expect(here.isMember("A") && !here.isMember("B") && here.disagreements() == [])
    }

    @Test func `S-060 W4b a promotion strictly above crosses the kick`() throws {
        var here = try RightsServer.with(["A": .moderator, "B": .member])
        var there = here
        let kick = try here.write("A", .remove("B", here.cut("B")))
        try there.write("O", .grant("B", .admin))
        let counter = try there.write("B", .remove("A", there.cut("A")))
        here.meet(&there)
        #expect(!here.isMember("A") && here.level("B") == .admin)
        #expect(here.verdict(kick) == "voidedByRemoval" && here.verdict(counter) == nil)
        #expect(here.disagreements() == [])
    }

    @Test func `S-060 W5 of three admins in a chain the first kick stands`() throws {
        let base = try RightsServer.with(["A": .admin, "B": .admin, "C": .admin])
        var (first, second, third) = (base, base, base)
        let one = try first.write("A", .remove("B", base.cut("B")))
        let two = try second.write("B", .remove("C", base.cut("C")))
        #expect(try third.refusal("C", .remove("A", base.cut("A"))) == "notSenior")
        let forged = try third.forged("C", .remove("A", base.cut("A")))
        #expect(third.receive(forged) == "notSenior")
        first.merge(second)
        first.merge(third)
        #expect(first.isMember("A") && !first.isMember("B") && first.isMember("C"))
        #expect(first.verdict(one) == nil && first.verdict(two) == "voidedByRemoval")
        #expect(first.disagreements() == [])
    }

    @Test func `S-060 W6 of two pins the lower holds`() throws {
        var (here, room) = try Self.cast()
        let early = try here.write("B", .post(room, "1"))
        var there = here
        let late = try there.write("B", .post(room, "2"))
        let low = try here.write("A", .remove("B", here.cut("B")))
        let high = try there.write("D", .remove("B", there.cut("B")))
        here.meet(&there)
        #expect(here.verdict(low) == nil && here.verdict(high) == nil)
        #expect(here.verdict(early) == nil && here.verdict(late) == "voidedByRemoval")
        #expect(here.disagreements() == [])
    }

    @Test func `S-060 W7 a kick beside a message of another and a rename`() throws {
        var (here, room) = try Self.cast()
        var there = here
        try here.write("A", .remove("B", here.cut("B")))
        let gone = try there.write("B", .post(room, "mine"))
        let kept = try there.write("X", .post(room, "his"))
        let rename = try there.write("D", .renameChannel(room, "new"))
        here.meet(&there)
        #expect(here.verdict(gone) == "voidedByRemoval")
        #expect(here.verdict(kept) == nil && here.verdict(rename) == nil)
        #expect(here.state.channel(room.channel)?.name == "new")
        #expect(here.disagreements() == [])
    }

    @Test func `S-060 W8 after a new grant the old branch stays void`() throws {
        var (here, room) = try Self.cast()
        try here.write("B", .post(room, "before"))
        var old = here
        try here.write("A", .remove("B", here.cut("B")))
        try here.write("A", .grant("B", .moderator))
        let stale = try old.write("B", .post(room, "stale"))
        let fresh = try here.forged("B", .post(room, "fresh"), prev: nil)
        // The honest way: B hears of all before he writes again.
        here.merge(old)
        #expect(here.verdict(stale) == "voidedByRemoval")
        let next = try here.write("B", .post(room, "next"))
        #expect(here.verdict(next) == nil && here.level("B") == .moderator)
        #expect(fresh.id != next && here.disagreements() == [])
    }

    @Test func `S-060 W9 a removal stands if it lay before the pin`() throws {
        for isBefore in [true, false] {
            var (here, _) = try Self.cast()
            var there = here
            let removal = try there.write("B", .remove("X", there.cut("X")))
            if isBefore { here.merge(there) }
            try here.write("A", .remove("B", here.cut("B")))
            here.meet(&there)
            #expect(here.isMember("X") == !isBefore)
            #expect(here.verdict(removal) == (isBefore ? nil : "voidedByRemoval"))
            #expect(here.disagreements() == [])
        }
    }

    @Test func `S-060 W10 of two promotions apart the more senior is active`() throws {
        var (here, _) = try Self.cast()
        var there = here
        let first = try here.write("A", .grant("X", .moderator))
        let second = try there.write("O", .grant("X", .moderator))
        here.meet(&there)
        let proof = here.state.standing(of: RightsServer.peer("X"))?.proof
        #expect(proof == second && here.verdict(first) == nil)
        #expect(here.level("X") == .moderator && here.disagreements() == [])
    }

    @Test func `S-060 W11 nobody kicks the owner or grants himself`() throws {
        var (server, _) = try Self.cast()
        #expect(try server.force("B", .remove("O", server.cut("O"))) == "notSenior")
        #expect(try server.force("B", .grant("B", .admin)) == "noPermission")
        #expect(server.level("O") == .owner && server.level("B") == .moderator)
    }

    @Test func `S-060 W12 S-063 a grant that does not know the removal does not bring back`() throws
    {
        var (here, _) = try Self.cast()
        var there = here
        try here.write("A", .remove("B", here.cut("B")))
        try there.write("O", .grant("B", .admin))
        here.meet(&there)
        #expect(!here.isMember("B") && !there.isMember("B"))
        try here.write("O", .grant("B", .member))
        #expect(here.level("B") == .member && here.disagreements() == [])
    }

    @Test func `S-060 W13 W14 an early pin is a rollback, which needs an admin`() throws {
        var (server, room) = try Self.cast()
        let first = try server.write("X", .post(room, "1"))
        let second = try server.write("X", .post(room, "2"))
        let early = RightsAct.remove("X", server.cut(first))
        #expect(try server.refusal("B", early) == "badCut")
        #expect(try server.force("B", early) == "badCut")
        #expect(server.isMember("X"))
        try server.write("A", early)
        #expect(server.verdict(first) == nil && server.verdict(second) == "voidedByRemoval")
        #expect(server.state.messageCount == 1 && server.disagreements() == [])
    }
}
