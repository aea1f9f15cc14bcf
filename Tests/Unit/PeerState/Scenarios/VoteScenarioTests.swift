import PeerState
import PeerTesting
import Testing

/// S-043 to S-054, S-065 and S-066: proposals, ballots and what an enact rests on.
@Suite struct VoteScenarioTests {
    private static func peer(_ name: String) -> Peer.ID { RightsServer.peer(name) }

    /// Owner O and admins A1, A2 … so that `count` may vote.
    private static func electors(_ count: Int) throws -> RightsServer {
        var server = try RightsServer(owner: "O")
        for number in 1..<max(count, 1) { try server.write("O", .grant("A\(number)", .admin)) }
        try server.write("O", .grant("B", .member))
        return server
    }

    private static func names(_ count: Int) -> [String] {
        ["O"] + (1..<max(count, 1)).map { "A\($0)" }
    }

    /// How many yes it takes until an enact is admissible.
    private static func needed(
        _ server: RightsServer, of count: Int, _ threshold: Threshold
    ) throws -> Int? {
        var server = server
        let proposal = try server.propose("O", .raise(peer("B"), to: .moderator), threshold)
        var ballots = [proposal]
        for name in names(count).dropFirst() + [""] {
            if try server.refusal("B", .enact(proposal, ballots)) == nil { return ballots.count }
            #expect(try server.force("B", .enact(proposal, ballots)) == "belowThreshold")
            if !name.isEmpty { ballots.append(try server.write(name, .ballot(proposal))) }
        }
        return nil
    }

    /// The same server with another threshold, voted by all.
    private static func changed(
        _ server: RightsServer, of count: Int, to threshold: Threshold
    ) throws -> RightsServer {
        var server = server
        let proposal = try server.propose("O", .setThreshold(threshold))
        var ballots = [proposal]
        for name in names(count).dropFirst() {
            ballots.append(try server.write(name, .ballot(proposal)))
        }
        try server.write("O", .enact(proposal, ballots))
        return server
    }

    @Test(arguments: [(1, 1), (2, 2), (3, 2), (4, 3), (5, 3), (7, 4)])
    func `S-043 thresholds`(_ count: Int, _ majority: Int) throws {
        let server = try Self.electors(count)
        #expect(try Self.needed(server, of: count, .majority) == majority)
        let unanimous = try Self.changed(server, of: count, to: .unanimous)
        #expect(try Self.needed(unanimous, of: count, .unanimous) == count)
        for number in 1...count {
            let counted = try Self.changed(server, of: count, to: .count(UInt64(number)))
            #expect(try Self.needed(counted, of: count, .count(UInt64(number))) == number)
        }
    }

    @Test func `S-043 a count of nothing or beyond the electorate is refused everywhere`() throws {
        var server = try Self.electors(3)
        for number: UInt64 in [0, 4] {
            let act = server.proposal(.setThreshold(.count(number)))
            #expect(try server.refusal("O", act) == "invalidThreshold")
            #expect(try server.force("O", act) == "invalidThreshold")
        }
        let act = server.proposal(.raise(Self.peer("B"), to: .moderator), .count(0))
        #expect(try server.refusal("O", act) == "badProposal")
        // A count that grew too large meanwhile means all.
        var small = try Self.changed(server, of: 3, to: .count(3))
        try small.write("O", .remove("A2", small.cut("A2")))
        #expect(try Self.needed(small, of: 2, .count(3)) == 2)
    }

    @Test func `S-044 a kick by two of four`() throws {
        var server = try Self.changed(try Self.electors(4), of: 4, to: .count(2))
        let proposal = try server.propose("A2", .remove(Self.peer("A1")), .count(2))
        #expect(server.isMember("A1"))
        #expect(try server.vote(proposal) == [1, 1, 0])
        let yes = try server.write("A3", .ballot(proposal))
        try server.write("A3", .enact(proposal, [proposal, yes], server.cut("A1")))
        #expect(!server.isMember("A1"))
        #expect(try server.vote(proposal) == [2, 2, 0])
        #expect(server.disagreements() == [])
    }

    @Test func `S-045 a member's ballot is refused and, forced, not counted`() throws {
        var server = try Self.electors(3)
        let proposal = try server.propose("A1", .raise(Self.peer("B"), to: .admin))
        #expect(try server.refusal("B", .ballot(proposal)) == "notElector")
        let forged = try server.forged("B", .ballot(proposal))
        #expect(server.receive(forged) == "notElector")
        #expect(try server.vote(proposal) == [1, 1, 0])
        let enact = RightsAct.enact(proposal, [proposal, forged.id])
        #expect(try server.refusal("A1", enact) == "belowThreshold")
        #expect(server.disagreements() == [])
    }

    @Test func `S-046 S-047 pending below the threshold, failed when it cannot be met`() throws {
        var server = try Self.electors(4)
        let proposal = try server.propose("A3", .remove(Self.peer("A1")))
        #expect(try server.vote(proposal) == [1, 1, 0])
        try server.write("A1", .ballot(proposal, false))
        #expect(try server.vote(proposal) == [1, 1, 1])
        try server.write("A2", .ballot(proposal, false))
        #expect(try server.vote(proposal) == [3, 1, 2])
        #expect(try server.refusal("O", .ballot(proposal)) == "closed")
        #expect(try server.force("O", .ballot(proposal)) == "closed")
        #expect(try server.vote(proposal) == [3, 1, 2])
        #expect(server.disagreements() == [])
    }

    @Test func `S-048 only its author withdraws a proposal`() throws {
        var server = try Self.electors(3)
        let proposal = try server.propose("A1", .remove(Self.peer("A2")))
        #expect(try server.refusal("O", .withdraw(proposal)) == "notAuthor")
        #expect(try server.force("A2", .withdraw(proposal)) == "notAuthor")
        #expect(try server.vote(proposal) == [1, 1, 0])
        try server.write("A1", .withdraw(proposal))
        #expect(try server.vote(proposal) == [4, 1, 0])
        #expect(try server.refusal("O", .ballot(proposal)) == "closed")
        #expect(
            try server.refusal("O", .enact(proposal, [proposal])) == "withdrawn")
        #expect(server.disagreements() == [])
    }

    @Test func `S-049 a proposal expires by the log whatever the clocks say`() throws {
        var server = try Self.electors(3)
        let proposal = try server.propose("A1", .remove(Self.peer("A2")), life: 10)
        let wall = server.wall
        for number in 0..<10 {
            #expect(try server.vote(proposal) == [1, 1, 0])
            let clock = number.isMultiple(of: 2) ? wall : wall + 3_600_000
            try server.write(number.isMultiple(of: 3) ? "A1" : "B", .ack, at: clock)
        }
        #expect(try server.vote(proposal) == [1, 1, 0], "the difference is 10")
        #expect(try server.refusal("O", .ballot(proposal)) == "closed")
        try server.write("B", .ack, at: wall)
        #expect(try server.vote(proposal) == [5, 1, 0])
        #expect(try server.force("O", .ballot(proposal)) == "closed")
        #expect(server.disagreements() == [])
    }

    @Test func `S-050 the electorate is that of the proposal`() throws {
        var server = try Self.electors(4)
        let proposal = try server.propose("O", .raise(Self.peer("C"), to: .admin))
        try server.write("O", .grant("A4", .admin))
        #expect(try server.refusal("A4", .ballot(proposal)) == "notElector")
        #expect(try server.force("A4", .ballot(proposal)) == "notElector")
        let one = try server.write("A1", .ballot(proposal))
        #expect(
            try server.refusal("O", .enact(proposal, [proposal, one])) == "belowThreshold")
        let two = try server.write("A2", .ballot(proposal))
        try server.write("O", .enact(proposal, [proposal, one, two]))
        #expect(server.level("C") == .admin)
        #expect(server.disagreements() == [])
    }

    @Test func `S-051 the ballot of a kicked voter counts if it lies before the pin`() throws {
        var server = try Self.electors(4)
        let proposal = try server.propose("A1", .raise(Self.peer("B"), to: .admin))
        let one = try server.write("A2", .ballot(proposal))
        var before = server
        let two = try before.write("A3", .ballot(proposal))
        var beyond = before
        try before.write("O", .remove("A3", before.cut("A3")))
        #expect(try before.vote(proposal) == [1, 3, 0])
        try before.write("A1", .enact(proposal, [proposal, one, two]))
        #expect(before.level("B") == .admin && before.disagreements() == [])
        // The same ballot where the kick did not know it.
        let enact = try beyond.write("A1", .enact(proposal, [proposal, one, two]))
        #expect(beyond.level("B") == .admin)
        try server.write("O", .remove("A3", server.cut("A3")))
        server.meet(&beyond)
        for part in [server, beyond] {
            #expect(part.verdict(two) == "voidedByRemoval")
            #expect(part.verdict(enact) != nil && part.level("B") == .member)
            #expect(try part.vote(proposal) == [1, 2, 0])
        }
        #expect(server.disagreements() == [])
    }

    @Test func `S-052 the list of an enact is closed`() throws {
        var here = try Self.electors(3)
        let proposal = try here.propose("A1", .raise(Self.peer("B"), to: .admin))
        var there = here
        let yes = try here.write("A2", .ballot(proposal))
        let enact = try here.write("A1", .enact(proposal, [proposal, yes]))
        let no = try there.write("O", .ballot(proposal, false))
        // A second ballot by somebody listed, beside the enact.
        var old = there
        old.merge(try Self.only(yes, of: here, beside: there))
        let change = try old.write("A2", .ballot(proposal, false))
        here.merge(old)
        #expect(here.verdict(enact) == nil && here.level("B") == .admin)
        #expect(here.verdict(no) == nil && here.verdict(change) == nil)
        #expect(try here.vote(proposal)?.first == 2)
        #expect(try here.refusal("A2", .enact(proposal, [proposal])) == "alreadyEnacted")
        #expect(here.disagreements() == [])
    }

    /// `server` with one event of another part.
    private static func only(
        _ event: Event.ID, of other: RightsServer, beside server: RightsServer
    ) throws -> RightsServer {
        var part = server
        for envelope in other.log where envelope.id == event { part.receive(envelope) }
        return part
    }

    @Test func `S-053 of two ballots the last counts, once`() throws {
        var server = try Self.electors(3)
        let proposal = try server.propose("A1", .raise(Self.peer("B"), to: .admin))
        let yes = try server.write("A2", .ballot(proposal))
        #expect(try server.vote(proposal) == [1, 2, 0])
        let no = try server.write("A2", .ballot(proposal, false))
        #expect(try server.vote(proposal) == [1, 1, 1])
        for ballots in [[proposal, yes], [proposal, no], [proposal, yes, no]] {
            #expect(try server.refusal("A1", .enact(proposal, ballots)) == "belowThreshold")
            #expect(try server.force("A1", .enact(proposal, ballots)) == "belowThreshold")
        }
        let again = try server.write("A2", .ballot(proposal))
        try server.write("A1", .enact(proposal, [proposal, again]))
        #expect(server.level("B") == .admin && server.disagreements() == [])
    }

    @Test func `S-054 open proposals keep their threshold`() throws {
        var server = try Self.electors(3)
        let two = [
            try server.propose("A1", .raise(Self.peer("B"), to: .moderator)),
            try server.propose("A1", .raise(Self.peer("C"), to: .moderator)),
        ]
        server = try Self.changed(server, of: 3, to: .unanimous)
        for proposal in two {
            let yes = try server.write("A2", .ballot(proposal))
            try server.write("A1", .enact(proposal, [proposal, yes]))
        }
        #expect(server.level("B") == .moderator && server.level("C") == .moderator)
        let act = server.proposal(.remove(Self.peer("B")))
        #expect(try server.refusal("A1", act) == "badProposal")
    }

    @Test func `S-065 sixteen proposals are open, never more`() throws {
        var server = try Self.electors(3)
        let action = VoteAction.remove(Self.peer("A2"))
        var opened: [Event.ID] = []
        var refused = 0
        for number in 0..<100 {
            let act = server.proposal(action)
            if try server.refusal("A1", act) == nil {
                opened.append(try server.write("A1", act))
            } else {
                refused += 1
                #expect(try server.refusal("A1", act) == "limit")
                if number == 99 { #expect(try server.force("A1", act) == "limit") }
            }
        }
        #expect(opened.count == 16 && refused == 84)
        #expect(try opened.allSatisfy { try server.vote($0) == [1, 1, 0] })
        try server.write("A1", .withdraw(opened[0]))
        #expect(try server.refusal("A1", server.proposal(action)) == nil)
        #expect(server.disagreements(orders: 1) == [])
    }

    @Test func `S-066 of ten promotions exactly those enacted hold`() throws {
        var server = try Self.electors(3)
        let names = (0..<10).map { "M\($0)" }
        for name in names { try server.write("O", .grant(name, .member)) }
        var proposals: [Event.ID] = []
        for name in names {
            proposals.append(try server.propose("A1", .raise(Self.peer(name), to: .admin)))
        }
        for (number, proposal) in proposals.enumerated() {
            if [1, 4, 7].contains(number) {
                let yes = try server.write("A2", .ballot(proposal))
                try server.write("A2", .enact(proposal, [proposal, yes]))
            } else {
                try server.write("A2", .ballot(proposal, false))
                try server.write("O", .ballot(proposal, false))
            }
        }
        #expect(names.filter { server.level($0) == .admin } == ["M1", "M4", "M7"])
        let statuses = try proposals.map { try server.vote($0)?.first }
        #expect(statuses == [3, 2, 3, 3, 2, 3, 3, 2, 3, 3])
        #expect(server.disagreements() == [])
    }
}
