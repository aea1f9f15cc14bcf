import AgentServer
import PeerNode
import PeerState
import PeerTesting
import Testing

/// Settling a fork by its tool (MCP 3.4; SCENARIOS S-074).
@Suite(.timeLimit(.minutes(Patience.minutes))) struct BranchToolTests {
    @Test func `S-074 confirm_branch asks first, keeps one history, and says whose`() async throws {
        let desk = try MeshDesk(seed: 141, count: 3)
        let (left, right) = try await desk.fork(2)
        await desk.settle()
        let (owner, member) = (desk.client(0), desk.client(1))
        let arguments: JSONObject = ["event_id": .string(left.hex)]
        var sure = arguments
        sure["confirm"] = true
        let asked = await owner.refusal("confirm_branch", arguments)
        #expect(asked["code"] == "consent_required")
        #expect(asked["message"]?.string?.contains(left.hex) == true)
        let refused = await member.refusal("confirm_branch", sure)
        #expect(refused["code"] == "permission_denied")
        let unknown = await owner.refusal(
            "confirm_branch",
            ["event_id": .string(String(repeating: "ab", count: 32)), "confirm": true])
        #expect(unknown["code"] == "unknown_message")
        let done = await owner.structured("confirm_branch", sure)
        #expect(done["outcome"] == "applied")
        #expect(done["peer_id"] == .string(desk.peers[2].hex) && done["level"] == "member")
        await desk.settle()
        for node in 0..<3 {
            let state = await desk.state(node)
            #expect(state?.verdict(on: left) == nil, "node \(node)")
            #expect(state?.verdict(on: right)?.code == .voidedFork, "node \(node)")
        }
        #expect(await desk.hashes().count == 1)
        let why = await member.structured("why", ["subject": .string(right.hex)])
        #expect(why["rule"] == "voidedFork")
        // Somebody with one history has nothing to settle.
        let single = await desk.lastEvent(of: 1)
        let none = await owner.refusal(
            "confirm_branch", ["event_id": .string(single?.hex ?? ""), "confirm": true])
        #expect(none["code"] == "conflict")
    }
}

extension MeshDesk {
    /// Two next events of a node under one number, and two answers that rest on both.
    func fork(_ node: Int) throws -> (left: Event.ID, right: Event.ID) {
        let left = try forge(node, "left")
        let right = try forge(node, "right")
        hand(0, left)
        hand(1, right)
        settle()
        return (left.event.id, right.event.id)
    }

    private func forge(_ node: Int, _ name: String) throws -> Replica.Stored {
        try #require(
            try network.forge(node, server, [ProfileUpdated(displayName: name)]).last)
    }

    private func hand(_ node: Int, _ item: Replica.Stored) {
        network.hand(node, server, [item.envelope.bytes])
    }

    func lastEvent(of node: Int) -> Event.ID? {
        network.core(0).servers[server]?.state.lastPlace(of: peers[node])?.id
    }
}
