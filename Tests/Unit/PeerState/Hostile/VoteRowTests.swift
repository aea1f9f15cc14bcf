import PeerState
import PeerTesting
import Testing

/// HOSTILE H-054: ballots and enacts that should not count.
@Suite struct VoteRowTests {
    private static func peer(_ name: String) -> Peer.ID { RightsServer.peer(name) }

    private static func cast() throws -> RightsServer {
        try RightsServer.with(["A1": .admin, "A2": .admin, "A3": .admin, "B": .member])
    }

    @Test func `H-054 a ballot after close, by no elector, twice`() throws {
        var server = try Self.cast()
        let proposal = try server.propose("A1", .raise(Self.peer("B"), to: .admin))
        try server.expectRefused("B", .ballot(proposal), "notElector")
        let yes = try server.write("A2", .ballot(proposal))
        try server.write("A2", .ballot(proposal, false))
        #expect(try server.vote(proposal) == [1, 1, 1], "the highest seq counts")
        try server.expectRefused("A1", .enact(proposal, [proposal, yes]), "belowThreshold")
        try server.write("A3", .ballot(proposal, false))
        #expect(try server.vote(proposal)?.first == 3)
        for name in ["O", "A2"] { try server.expectRefused(name, .ballot(proposal), "closed") }
        #expect(server.level("B") == .member && server.disagreements() == [])
    }

    @Test func `H-054 an enact with foreign, void or too few ballots`() throws {
        var server = try Self.cast()
        let proposal = try server.propose("A1", .raise(Self.peer("B"), to: .admin))
        let other = try server.propose("A1", .raise(Self.peer("C"), to: .admin))
        let foreign = [
            try server.write("A2", .ballot(other)), try server.write("A3", .ballot(other)),
        ]
        try server.expectRefused("A1", .enact(proposal, [proposal]), "belowThreshold")
        try server.expectRefused("A1", .enact(proposal, [proposal] + foreign), "belowThreshold")
        try server.expectRefused("A1", .enact(proposal, foreign), "belowThreshold")
        // Two ballots of people who were removed before them.
        var apart = server
        try server.write("O", .remove("A2", server.cut("A2")))
        try server.write("O", .remove("A3", server.cut("A3")))
        let void = [
            try apart.write("A2", .ballot(proposal)), try apart.write("A3", .ballot(proposal)),
        ]
        server.merge(apart)
        for ballot in void { #expect(server.verdict(ballot) == "voidedByRemoval") }
        try server.expectRefused("A1", .enact(proposal, [proposal] + void), "belowThreshold")
        #expect(server.level("B") == .member && !server.isMember("C"))
        #expect(server.disagreements() == [])
    }

    @Test func `H-054 a count of nothing, of more than there are, of very many`() throws {
        var server = try Self.cast()
        for number: UInt64 in [0, 5, 1 << 32, .max] {
            let act = server.proposal(.setThreshold(.count(number)))
            let envelope = try server.forged("O", act)
            server.expectRefused(envelope, "invalidThreshold")
        }
        #expect(server.disagreements() == [])
    }
}
