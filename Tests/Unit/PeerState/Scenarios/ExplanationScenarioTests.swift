import PeerState
import PeerTesting
import Testing

/// S-064: what `why` is made of, for an effective, a void, a proposed and an unknown event.
@Suite struct ExplanationScenarioTests {
    private static func peer(_ name: String) -> Peer.ID { RightsServer.peer(name) }

    @Test func `S-064 an effective event names its proof chain`() throws {
        var server = try RightsServer.with(["A": .admin])
        try server.write("A", .grant("B", .member))
        let event = try server.write("B", .ack)
        let why = try #require(server.state.explanation(of: event))
        #expect(why.outcome == .effective && why.decider == nil && why.subject == nil)
        #expect(why.proofs.map(\.author) == [Self.peer("A"), Self.peer("O")])
        #expect(why.proofs.map(\.holder) == [Self.peer("B"), Self.peer("A")])
        #expect(why.proofs.map(\.level) == [.member, .admin])
        #expect(why.proofs.map(\.kind) == [10, 10])
        #expect(why.removals == [] && why.vote == nil && why.fork == nil)
        #expect(server.state.explanation(of: Event.ID(Self.peer("S"))) == nil)
    }

    @Test func `S-064 a void event names the removal, its pin and what fell first`() throws {
        var here = try RightsServer.with(["A": .admin, "B": .moderator])
        let room = try here.room("O", "plan")
        let last = try here.write("B", .post(room, "1"))
        var there = here
        let kick = try here.write("A", .remove("B", here.cut("B")))
        let late = try there.write("B", .grant("P", .member))
        let post = try there.write("P", .post(room, "puppet"))
        here.merge(there)
        let first = try #require(here.state.explanation(of: late))
        #expect(first.outcome == .void(.voidedByRemoval))
        #expect(first.decider == kick && first.subject == late)
        let removal = try #require(first.removals.first)
        #expect(first.removals.count == 1 && removal.event == kick && removal.pin == last)
        #expect(removal.author == Self.peer("A") && removal.target == Self.peer("B"))
        #expect(removal.isAccepted && !removal.isSuspension && removal.victims == [late])
        let second = try #require(here.state.explanation(of: post))
        #expect(second.outcome == .void(.voidedProof))
        #expect(second.decider == kick && second.subject == late)
        #expect(second.removals == [removal])
    }

    @Test func `S-064 a revocation is named as what decided`() throws {
        var here = try RightsServer.with(["A": .admin, "B": .member])
        let room = try here.room("O", "plan")
        try here.write("B", .post(room, "1"))
        var there = here
        let revoke = try here.write("A", .revoke("B", 3, here.cut("B")))
        let late = try there.write("B", .post(room, "2"))
        here.merge(there)
        let why = try #require(here.state.explanation(of: late))
        #expect(why.outcome == .void(.voidedByRevoke) && why.decider == revoke)
    }

    @Test func `S-064 an enact names its ballots, a proposal those that count`() throws {
        var server = try RightsServer.with(["A1": .admin, "A2": .admin, "B": .member])
        let proposal = try server.propose("A1", .raise(Self.peer("B"), to: .admin))
        let no = try server.write("O", .ballot(proposal, false))
        let open = try #require(server.state.explanation(of: proposal)?.vote)
        #expect(open.needed == 2 && open.electorate.count == 3)
        #expect(open.ballots.map(\.event) == [proposal, no])
        #expect(open.ballots.map(\.accepts) == [true, false])
        let yes = try server.write("A2", .ballot(proposal))
        let enact = try server.write("A2", .enact(proposal, [proposal, yes]))
        let closed = try #require(server.state.explanation(of: enact)?.vote)
        #expect(closed.proposal == proposal)
        #expect(Set(closed.ballots.map(\.voter)) == [Self.peer("A1"), Self.peer("A2")])
        #expect(closed.ballots.allSatisfy { $0.accepts && !$0.isVoid })
        let act = try server.write("B", .rename("new"))
        #expect(
            server.state.explanation(of: act)?.proofs.map(\.event) == [
                enact,
                try #require(
                    server.state.explanation(of: enact)?.proofs.first?.event),
            ])
    }

    @Test func `S-064 a refusal repeats the code the caller got`() throws {
        var server = try RightsServer.with(["B": .member])
        let refused = try server.refusal("B", .rename("new"))
        let forged = try server.forged("B", .rename("new"))
        #expect(server.receive(forged) == refused)
        let why = try #require(server.state.explanation(of: forged.id))
        #expect(why.outcome.code == .noPermission && refused == "noPermission")
        guard case .inadmissible(let failure) = why.outcome else {
            Issue.record("it was never allowed")
            return
        }
        #expect(failure.detail == "needs level admin")
    }

    @Test func `S-064 a fork names its branches`() throws {
        var server = try RightsServer.with(["A": .admin, "B": .member])
        let fork = try server.fork("A", .ack, .profile("twice"))
        #expect(server.state.explanation(of: fork.right)?.outcome == .loose)
        try server.write("B", .ack)
        let why = try #require(server.state.explanation(of: fork.right))
        #expect(why.outcome == .effective)
        #expect(why.fork?.seq == 1 && why.fork?.pins == [])
        #expect(why.fork?.branches == [fork.left, fork.right].sorted())
    }
}
