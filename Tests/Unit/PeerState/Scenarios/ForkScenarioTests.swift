import PeerState
import PeerTesting
import Testing

/// S-070 to S-074 and S-078: one author, one seq, two events.
@Suite struct ForkScenarioTests {
    @Test func `S-070 both sides of a fork end in one state`() throws {
        var base = try RightsServer.with(["A": .admin, "B": .member, "C": .member])
        let room = try base.room("O", "plan")
        var (left, right) = (base, base)
        let one = try left.write("A", .post(room, "one"))
        let two = try right.write("A", .post(room, "two"))
        try left.write("B", .ack)
        try right.write("C", .ack)
        left.meet(&right)
        #expect(left.hash == right.hash && left.disagreements() == [])
        #expect([one, two].allSatisfy { left.verdict($0) == nil })
        #expect([one, two].allSatisfy { left.state.message($0)?.isMarked == true })
        #expect(left.visible[13].count == 1)
    }

    @Test func `S-071 a fork at seq 1, in the middle, at the head, and a stale seq`() throws {
        for place in 0..<4 {
            var base = try RightsServer.with(["A": .admin, "B": .member])
            for _ in 0..<place { try base.write("A", .ack) }
            var (left, right) = (base, base)
            try left.write("A", .ack)
            if place == 2 { try left.write("A", .ack) }
            if place == 3 { for _ in 0..<4 { try left.write("A", .ack) } }
            let other = try right.write("A", .profile("twice"))
            #expect(left.receive(right.log[right.log.count - 1]) == "forkedAuthor", "loose")
            try left.write("B", .ack)
            #expect(left.state.graph.contains(other))
            #expect(left.verdict(other) == nil && left.visible[13].count == 1)
            #expect(try left.refusal("A", .rename("new")) == "forkedAuthor")
            #expect(left.disagreements() == [])
        }
    }

    @Test func `S-072 on the forked part reductions stand and expansions fall`() throws {
        var base = try RightsServer.with([
            "A": .admin, "B": .member, "C": .member, "X": .member,
        ])
        let room = try base.room("O", "plan")
        var (left, right) = (base, base)
        let kick = try left.write("A", .remove("X", left.cut("X")))
        let grant = try left.write("A", .grant("P", .moderator))
        let role = try left.write("A", .role("role", []))
        let rename = try left.write("A", .rename("new"))
        let post = try left.write("A", .post(room, "one"))
        let topic = try right.write("A", .topic(room, "new"))
        try left.write("B", .ack)
        try right.write("C", .ack)
        left.merge(right)
        let merged = left
        #expect(merged.verdict(kick) == nil && !merged.isMember("X"))
        for void in [grant, role, rename, topic] {
            #expect(merged.verdict(void) == "voidedFork")
        }
        #expect(!merged.isMember("P") && merged.state.name == "Harbour")
        #expect(merged.verdict(post) == nil && merged.state.message(post)?.isMarked == true)
        #expect(merged.disagreements() == [])
    }

    @Test func `S-073 an admin cannot take his own kick back by a fork`() throws {
        var base = try RightsServer.with(["A": .admin, "K": .admin, "B": .member])
        var (left, right) = (base, base)
        let kick = try left.write("A", .remove("K", left.cut("K")))
        try right.write("A", .ack)
        left.merge(right)
        try left.write("B", .ack)
        #expect(left.verdict(kick) == nil && !left.isMember("K"))
        #expect(left.disagreements() == [])
        base.merge(right)
        base.merge(left)
        #expect(base.hash == left.hash)
    }

    @Test func `S-074 a senior confirms one branch and its author works again`() throws {
        var server = try RightsServer.with(["A": .admin, "B": .member])
        let room = try server.room("O", "plan")
        let seq = (server.state.graph.head(of: RightsServer.peer("A"))?.seq ?? 0) + 1
        let fork = try server.fork("A", .post(room, "one"), .post(room, "two"))
        try server.write("B", .ack)
        #expect(try server.refusal("A", .rename("new")) == "forkedAuthor")
        #expect(try server.refusal("B", .confirm("A", fork.left, seq: seq)) == "noPermission")
        try server.write("O", .confirm("A", fork.left, seq: seq))
        #expect(server.verdict(fork.left) == nil)
        #expect(server.state.message(fork.left)?.isMarked == false)
        #expect(server.verdict(fork.right) == "voidedFork")
        try server.write("A", .rename("new"))
        #expect(server.state.name == "new" && server.disagreements() == [])
    }

    @Test func `S-078 of ten loose branches those that others answer count`() throws {
        var base = try RightsServer.with(["A": .admin, "B": .member, "C": .member])
        let room = try base.room("O", "plan")
        var all = base
        var posts: [Event.ID] = []
        for number in 0..<10 {
            var part = base
            posts.append(try part.write("A", .post(room, "\(number)")))
            all.merge(part)
        }
        #expect(all.state.looseIDs.count == 10 && all.state.messageCount == 0)
        #expect(all.disagreements() == [])
        // C answers one branch that only he saw.
        var apart = base
        try apart.write("A", .post(room, "0"), at: base.wall + 1_000)
        try apart.write("C", .ack)
        all.merge(apart)
        #expect(all.verdict(posts[0]) == nil && all.state.looseIDs.count == 9)
        #expect(all.state.messageCount == 1 && all.disagreements() == [])
    }
}
