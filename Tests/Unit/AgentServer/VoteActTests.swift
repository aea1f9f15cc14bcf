import AgentServer
import PeerNode
import PeerState
import PeerTesting
import Testing

/// Votes of the owner and admins, by tools of real nodes (MCP 3.4, PROTOCOL 5.7).
@Suite(.timeLimit(.minutes(Patience.minutes))) struct VoteActTests {
    /// Nodes 1 to `admins` are admins; the rest are members.
    private func desk(seed: UInt64, count: Int, admins: Int) async throws -> MeshDesk {
        let desk = try MeshDesk(seed: seed, count: count)
        for node in 1...admins {
            let peer = JSON.string(desk.peers[node].hex)
            let raised = await desk.client(0).structured("trust_peer", ["peer_id": peer])
            #expect(raised["outcome"] == "applied")
        }
        await desk.settle()
        return desk
    }

    @Test func `S-040 an admin removes an equal by vote, and the last vote carries it out`()
        async throws
    {
        let desk = try await desk(seed: 111, count: 4, admins: 3)
        let target = JSON.string(desk.peers[1].hex)
        let members = try await desk.members(0, desk.server)
        let asked = await desk.client(2).structured(
            "kick_member", ["peer_id": target, "reason": "spam", "confirm": true])
        // Of owner and three admins, three make a majority.
        #expect(asked["outcome"] == "proposed" && asked["have"] == 1 && asked["need"] == 3)
        #expect(asked["electorate"] == 4)
        let id = asked["proposal_id"] ?? .null
        await desk.settle()
        // Nobody is removed yet, on any node.
        for node in 0..<4 {
            #expect(await desk.state(node)?.standing(of: desk.peers[1])?.level == .admin)
        }
        let after = try await desk.members(0, desk.server)
        #expect(after.map(\.id) == members.map(\.id) && after.map(\.level) == members.map(\.level))
        let listed = await desk.client(3).structured("list_proposals")
        let item = listed["proposals"]?[0]
        #expect(item?["proposal_id"] == id && item?["action"] == "remove")
        #expect(item?["target"] == target && item?["my_vote"] == nil)
        let second = await desk.client(3).structured("vote", ["proposal_id": id, "accept": true])
        #expect(second["have"] == 2 && second["state"] == "open")
        await desk.settle()
        let third = await desk.client(0).structured("vote", ["proposal_id": id, "accept": true])
        #expect(third["outcome"] == "applied" && third["state"] == "enacted")
        await desk.settle()
        #expect(await desk.state(2)?.standing(of: desk.peers[1]) == nil)
        let closed = await desk.client(2).refusal("vote", ["proposal_id": id, "accept": false])
        #expect(closed["code"] == "proposal_closed")
        let done = await desk.client(2).structured("list_proposals", ["state": "closed"])
        #expect(done["proposals"]?[0]?["state"] == "enacted")
    }

    @Test func `a voted demotion leaves the lower level`() async throws {
        let desk = try await desk(seed: 112, count: 3, admins: 2)
        let asked = await desk.client(2).structured(
            "untrust_peer",
            ["peer_id": .string(desk.peers[1].hex), "level": "moderator", "confirm": true])
        #expect(asked["outcome"] == "proposed" && asked["need"] == 2)
        await desk.settle()
        let vote = await desk.client(0).structured(
            "vote", ["proposal_id": asked["proposal_id"] ?? .null, "accept": true])
        #expect(vote["state"] == "enacted")
        await desk.settle()
        #expect(await desk.state(2)?.standing(of: desk.peers[1])?.level == .moderator)
        #expect(await desk.hashes().count == 1)
    }

    @Test func `the threshold changes by vote, at once when one vote is enough`() async throws {
        let alone = try MeshDesk(seed: 113, count: 2)
        let done = await alone.client(0).structured(
            "set_threshold", ["threshold": "unanimous"])
        #expect(done["outcome"] == "applied" && done["threshold"] == "unanimous")
        #expect(await alone.state(0)?.currentThreshold == .unanimous)
        let refused = await alone.client(1).refusal("set_threshold", ["threshold": "count:1"])
        #expect(refused["code"] == "permission_denied" && refused["needed"] == ["moderator"])
        let wrong = await alone.client(0).refusal("set_threshold", ["threshold": "most"])
        #expect(wrong["code"] == "invalid_argument")
        let tooMany = await alone.client(0).refusal("set_threshold", ["threshold": "count:9"])
        #expect(tooMany["code"] == "invalid_argument")
    }

    @Test func `a proposal is withdrawn by its author alone`() async throws {
        let desk = try await desk(seed: 114, count: 3, admins: 2)
        let asked = await desk.client(1).structured(
            "set_threshold", ["threshold": "unanimous"])
        #expect(asked["outcome"] == "proposed")
        let proposal: JSONObject = ["proposal_id": asked["proposal_id"] ?? .null]
        await desk.settle()
        let foreign = await desk.client(2).refusal("withdraw_proposal", proposal)
        #expect(foreign["code"] == "not_author")
        let gone = await desk.client(1).structured("withdraw_proposal", proposal)
        #expect(gone["outcome"] == "applied" && gone["state"] == "withdrawn")
        let again = await desk.client(1).refusal("withdraw_proposal", proposal)
        #expect(again["code"] == "proposal_closed")
        let unknown = await desk.client(1).refusal(
            "vote", ["proposal_id": .string(String(repeating: "0", count: 64)), "accept": true])
        #expect(unknown["code"] == "unknown_proposal")
    }
}
