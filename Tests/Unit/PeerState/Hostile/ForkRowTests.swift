import PeerState
import PeerTesting
import Testing

/// HOSTILE "Chain and authority": two events under one number (PROTOCOL 5.8).
@Suite struct ForkRowTests {
    private static func seq(_ server: RightsServer, _ name: String) -> UInt64 {
        server.state.graph.head(of: RightsServer.peer(name))?.seq ?? 0
    }

    @Test(arguments: 0...2)
    func `H-050 a fork at seq 1, in the middle, at the head`(place: Int) throws {
        var base = try RightsServer.with(["A": .admin, "B": .member])
        let room = try base.room("O", "plan")
        if place > 0 { try base.write("A", .post(room, "before")) }
        let first = Self.seq(base, "A") + 1
        var (left, right) = (base, base)
        try left.write("A", .post(room, "one"))
        if place == 1 { for _ in 0..<3 { try left.write("A", .post(room, "on")) } }
        let other = try right.write("A", .post(room, "two"))
        let grant = try right.write("A", .grant("P", .member))
        let verdict = Cost.counting { left.receive(right.log[right.log.count - 2]) }
        #expect(verdict.result == "forkedAuthor", "stored, and loose")
        #expect(verdict.cost.signatureChecks == 1, "one for each event of the pair")
        #expect(left.state.forks[RightsServer.peer("A")]?.from == first)
        // The proof is one, whatever comes of it later.
        let proof = left.visible[13]
        left.merge(right)
        #expect(left.visible[13] == proof)
        try left.write("B", .ack)
        #expect(left.verdict(other) == nil, "content stands, marked")
        #expect(left.state.message(other)?.isMarked == true)
        #expect(left.verdict(grant) == "voidedFork" && !left.isMember("P"))
        #expect(left.visible[13].count == 1)
        right.merge(left)
        #expect(left.hash == right.hash && left.disagreements() == [])
    }

    @Test func `H-051 a fork beyond the point that a removal pinned is void`() throws {
        var here = try RightsServer.with(["A": .admin, "B": .moderator, "C": .member])
        let room = try here.room("O", "plan")
        try here.write("B", .post(room, "before"))
        var (left, right) = (here, here)
        try here.write("A", .remove("B", here.cut("B")))
        let one = try left.write("B", .grant("P", .member))
        let two = try right.write("B", .remove("C", right.cut("C")))
        let members = here.visible[1]
        here.merge(left)
        here.merge(right)
        #expect(here.visible[1] == members)
        for void in [one, two] { #expect(here.verdict(void) != nil) }
        #expect(!here.isMember("P") && here.isMember("C"))
        #expect(here.disagreements() == [])
    }

    @Test func `H-051 a third branch is loose, and the 129th loose event is over quota`() throws {
        var all = try RightsServer.with(["A": .admin, "B": .member])
        let room = try all.room("O", "plan")
        let base = all
        var words: [String?] = []
        var branch = base
        for number in 0..<3 {
            var part = base
            try part.write("B", .post(room, "\(number)"))
            words.append(all.receive(part.log[part.log.count - 1]))
        }
        let settled = (all.hash, FrontierDigest.of(all.state))
        #expect(words == [nil, "forkedAuthor", "forkedAuthor"])
        // The first one goes loose as well: all branches do.
        #expect(all.state.looseIDs.count == 3)
        var codes: [String] = []
        for number in 0..<Limits.looseEventsPerAuthor + 20 {
            try branch.write("B", .post(room, "long \(number)"))
            if let word = all.receive(branch.log[branch.log.count - 1]) { codes.append(word) }
        }
        #expect(all.state.looseIDs.count <= Limits.looseEventsPerAuthor)
        #expect(codes.contains("overQuota"), "\(Set(codes))")
        #expect(all.hash == settled.0 && FrontierDigest.of(all.state) == settled.1)
    }

    @Test func `H-051 two forked authors who answer each other stay loose, all of it`() throws {
        var all = try RightsServer.with(["B": .member, "C": .member])
        let room = try all.room("O", "plan")
        var (left, right) = (all, all)
        for name in ["B", "C"] {
            try left.write(name, .post(room, "left"))
            try right.write(name, .post(room, "right"))
        }
        all.merge(left)
        all.merge(right)
        let settled = (all.hash, FrontierDigest.of(all.state))
        #expect(all.state.messageCount == 0)
        for round in 0..<20 {
            try left.write(round.isMultiple(of: 2) ? "B" : "C", .post(room, "\(round)"))
            try right.write(round.isMultiple(of: 2) ? "C" : "B", .post(room, "\(round)"))
        }
        all.merge(left)
        all.merge(right)
        #expect(all.hash == settled.0 && FrontierDigest.of(all.state) == settled.1)
        #expect(all.state.messageCount == 0)
        #expect(all.disagreements() == [])
    }

    @Test func `H-064 an owner who forks himself loses what he gives, and the server goes on`()
        throws
    {
        var base = try RightsServer.with(["A": .admin, "B": .member, "X": .member])
        let room = try base.room("O", "plan")
        var (left, right) = (base, base)
        let rename = try left.write("O", .rename("mine"))
        let grant = try left.write("O", .grant("P", .admin))
        let kick = try right.write("O", .remove("X", right.cut("X")))
        try right.write("O", .revoke("A", 1, right.cut("A")))
        try left.write("B", .ack)
        try right.write("A", .ack)
        left.meet(&right)
        #expect(left.hash == right.hash)
        #expect(left.verdict(rename) == "voidedFork" && left.state.name == "Harbour")
        #expect(left.verdict(grant) == "voidedFork" && !left.isMember("P"))
        #expect(left.verdict(kick) == nil && !left.isMember("X"), "reductions stand")
        #expect(left.level("O") == .owner)
        // The others go on: an admin writes, grants and kicks.
        try left.write("A", .post(room, "still here"))
        try left.write("A", .grant("Q", .member))
        try left.write("Q", .post(room, "and I"))
        try left.write("A", .remove("Q", left.cut("Q")))
        #expect(left.level("A") == .admin && left.isMember("B") && !left.isMember("Q"))
        #expect(left.disagreements() == [])
    }
}
