import PeerState
import PeerTesting
import Testing

/// S-033 to S-041: raising, lowering and what roles give.
@Suite struct RightsScenarioTests {
    @Test func `S-033 nobody raises himself or gives what he does not hold`() throws {
        var server = try RightsServer.with(["A": .admin, "B": .member, "C": .member])
        try server.write("O", .permit("B", 2))
        let lead = try server.write("A", .role("lead", .manageRoles))
        let own = try server.write("A", .role("own", []))
        try server.write("A", .assign("B", own))
        #expect(server.permissions("B") == [.manageRoles, .sendMessages])
        let attempts: [RightsAct] = [
            .grant("B", .admin), .grant("O", .admin), .grant("C", .moderator),
            .assign("B", lead), .permit("B", 4), .permit("C", 4), .permit("B", 2),
            .setRole(own, 4, true), .setRole(own, 2, true), .role("more", .managePins),
        ]
        let rights = server.permissions("B")
        for attempt in attempts {
            #expect(try server.refusal("B", attempt) == "noPermission", "\(attempt)")
            #expect(try server.force("B", attempt) == "noPermission", "\(attempt)")
        }
        #expect(server.permissions("B") == rights && server.level("B") == .member)
        #expect(server.level("C") == .member && server.level("O") == .owner)
        #expect(server.disagreements() == [])
    }

    @Test func `S-034 posts that did not know a revocation are void until it is moved`() throws {
        var here = try RightsServer.with(["A": .admin, "B": .member])
        let room = try here.room("O", "plan")
        var posts: [Event.ID] = []
        for number in 1...40 { posts.append(try here.write("B", .post(room, "\(number)"))) }
        var there = here
        let revoke = try here.write("A", .revoke("B", 3, here.cut("B")))
        for number in 41...43 { posts.append(try there.write("B", .post(room, "\(number)"))) }
        here.meet(&there)
        #expect(posts.prefix(40).allSatisfy { here.verdict($0) == nil })
        #expect(
            posts.suffix(3).map { here.verdict($0) } == [
                "voidedByRevoke", "voidedByRevoke",
                "voidedByRevoke",
            ])
        #expect(try here.refusal("B", .post(room, "44")) == "noPermission")
        try here.write("A", .extend(revoke, to: posts[41], seq: 42))
        #expect(posts.suffix(3).map { here.verdict($0) } == [nil, nil, "voidedByRevoke"])
        #expect(here.state.messageCount == 42)
        there.merge(here)
        #expect(there.hash == here.hash && here.disagreements() == [])
    }

    @Test func `S-035 a hostile build that keeps to its old past shows nothing new`() throws {
        var here = try RightsServer.with(["A": .admin, "B": .member])
        let room = try here.room("O", "plan")
        try here.write("B", .post(room, "1"))
        var old = here
        try here.write("A", .revoke("B", 3, here.cut("B")))
        let count = here.state.messageCount
        for number in 2...4 {
            try old.write("B", .post(room, "\(number)"))
            here.merge(old)
            #expect(here.state.messageCount == count)
        }
        #expect(try here.refusal("B", .post(room, "5")) == "noPermission")
        #expect(here.disagreements() == [])
    }

    @Test func `S-036 a role gives, and takes with it what it gave`() throws {
        var server = try RightsServer.with(["A": .admin, "C": .member])
        let role = try server.write("A", .role("builders", .manageChannels))
        #expect(try server.refusal("C", .channel("one")) == "noPermission")
        try server.write("A", .assign("C", role))
        #expect(try server.refusal("C", .channel("one")) == nil)
        try server.write("A", .unassign("C", role, server.cut("C")))
        #expect(try server.refusal("C", .channel("two")) == "noPermission")
        try server.write("A", .assign("C", role))
        #expect(try server.refusal("C", .channel("two")) == nil)
        var kept = server
        try kept.write("A", .permit("C", 1))
        for (isDirect, var part) in [(false, server), (true, kept)] {
            try part.write("A", .deleteRole(role))
            let expected = isDirect ? nil : "noPermission"
            #expect(try part.refusal("C", .channel("three")) == expected)
            #expect(try part.force("C", .channel("three")) == expected)
            #expect(part.disagreements() == [])
        }
    }

    @Test func `S-037 an admin does one act for each permission`() throws {
        var here = try RightsServer.with(["A": .admin, "B": .member])
        let room = try here.room("O", "plan")
        let message = try here.write("B", .post(room, "hello"))
        #expect(here.permissions("A") == .all)
        let link = try here.write("A", .issue("link", uses: 1))
        try here.write("A", .admit("N", by: link, "link", in: here.id))
        try here.write("A", .channel("new"))
        try here.write("A", .role("role", .all))
        try here.write("A", .post(room, "hello"))
        try here.write("A", .pin(message))
        try here.write("A", .delete(message))
        try here.write("A", .grant("G", .member, Attenuation(lapse: 100)))
        var there = try RightsServer(owner: "O")
        there.merge(here)
        #expect(there.hash == here.hash && there.isMember("N") && there.isMember("G"))
        #expect(there.state.graph.eventIDs.allSatisfy { there.verdict($0) == nil })
    }

    @Test func `S-038 what does not exist is no target`() throws {
        var server = try RightsServer.with(["A": .admin, "B": .member])
        let role = try server.write("A", .role("role", []))
        let grant = try #require(server.state.standing(of: RightsServer.peer("B"))?.proof)
        let missing = Event.ID(RightsServer.peer("nothing"))
        let hash = server.hash
        for act: RightsAct in [
            .setRole(grant, 4, true), .assign("S", role), .assign("B", grant),
            .assign("B", missing), .renameRole(grant, "new"), .deleteRole(missing),
        ] {
            #expect(try server.refusal("A", act) == "unknownTarget", "\(act)")
        }
        #expect(server.hash == hash)
        #expect(try server.force("A", .assign("S", role)) == "unknownTarget")
        let late = try server.forged("A", .assign("B", missing))
        #expect(server.receive(late) == "missingDeps")
    }

    @Test func `S-041 nobody and no vote touches the owner until he hands over`() throws {
        var server = try RightsServer.with(["A": .admin, "D": .admin, "B": .member])
        for act: RightsAct in [
            .remove("O", server.cut("O")), .suspend("O", server.cut("O")),
        ] {
            #expect(try server.refusal("A", act) == "notSenior")
            #expect(try server.force("A", act) == "notSenior")
            #expect(try server.refusal("O", act) == "notSenior")
        }
        let owner = RightsServer.peer("O")
        for action: VoteAction in [.remove(owner), .suspend(owner)] {
            let proposal = try server.propose("A", action)
            let yes = try server.write("D", .ballot(proposal))
            let enact = RightsAct.enact(proposal, [proposal, yes], server.cut("O"))
            #expect(try server.refusal("A", enact) == "notSenior")
            #expect(try server.force("A", enact) == "notSenior")
        }
        #expect(server.level("O") == .owner)
        #expect(try server.refusal("A", .transfer("A")) == "notOwner")
        try server.write("O", .transfer("B"))
        #expect(server.level("B") == .owner && server.level("O") == .admin)
        #expect(server.state.owner == RightsServer.peer("B"))
        #expect(try server.refusal("O", .transfer("A")) == "notOwner")
        try server.write("B", .remove("O", server.cut("O")))
        #expect(!server.isMember("O"))
        #expect(server.disagreements() == [])
    }
}
