import PeerState
import PeerTesting
import Testing

/// Who is a member now is a set that is kept; it must be what the derivation says of everybody.
@Suite struct ActiveMembersTests {
    private static func check(_ state: ServerState, _ people: [Peer.ID], _ text: String) {
        for peer in people {
            let isMember = state.standing(of: peer) != nil
            #expect(state.activeMembers.contains(peer) == isMember, "\(text): \(peer)")
        }
    }

    @Test(arguments: UInt64(1)...12)
    func `the members kept are those derived after every step of a history`(
        seed: UInt64
    ) throws {
        var history = try RandomHistory(seed: seed, authors: 6)
        let people = try history.envelopes.map {
            try Event(decoding: Envelope(decoding: $0)).author
        }
        for step in 0..<80 {
            history.grow(3)
            for (number, replica) in history.replicas.enumerated() {
                let known = Array(Set(people + replica.state.graph.authorIDs))
                Self.check(replica.state, known, "seed \(seed), step \(step), replica \(number)")
            }
        }
        history.settle()
        for replica in history.replicas {
            Self.check(replica.state, replica.state.graph.authorIDs, "seed \(seed), settled")
        }
    }

    @Test func `the members kept are those derived after every kind of lowering`() throws {
        let cast = try RightsCast()
        let everybody = (RightsCast.actors + ["double", "kicked", "victim", "agent"]).map {
            RightsServer.peer($0)
        }
        Self.check(cast.server.state, everybody, "the matrix of rights")
        #expect(!cast.server.state.activeMembers.contains(RightsServer.peer("removed")))
        #expect(cast.server.state.activeMembers.contains(RightsServer.peer("admin")))
    }
}
