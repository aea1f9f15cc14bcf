import AgentServer
import PeerState
import PeerTesting
import Testing

/// S-032 and S-059: every tool that changes a server, allowed and refused, and what it says it did.
@Suite(.timeLimit(.minutes(Patience.minutes))) struct RightsTourTests {
    @Test func `S-032 S-059 each mutating tool tells what it did, or what is missing`() async throws
    {
        let desk = try MeshDesk(seed: 3_259, count: 4)
        let clients = (0..<4).map { desk.client($0) }
        let tour = RightsTour(peers: desk.peers)
        _ = await clients[0].structured(
            "create_channel", ["name": .string(RightsTour.known), "idle": "1h"])
        let known = await clients[0].structured(
            "send_message", ["channel": .string(RightsTour.known), "body": "all know this"])
        tour.results.withLock { $0["known"] = known["message_id"] ?? .null }
        await desk.settle()
        let paused = await clients[0].structured(
            "suspend_peer",
            ["peer_id": .string(desk.peers[3].hex), "suspended": true, "confirm": true])
        #expect(paused["outcome"] == "applied")
        await desk.settle()
        let server = JSON.string(await desk.server.hex)
        tour.results.withLock { $0["server"] = server }
        var seen: Set<String> = []
        for step in tour.steps {
            seen.insert(step.tool)
            try await expectRefused(step, desk, clients)
            let done = await clients[step.allowed].structured(step.tool, step.arguments())
            try await expectTold(done, step, desk)
            if let field = step.kept {
                tour.results.withLock { $0[step.tool] = done[field] ?? .null }
            }
        }
        let listed = await clients[0].ask("tools/list", TestClient.modern())["result"]?["tools"]
        let changing = (listed?.array ?? [])
            .filter { $0["annotations"]?["readOnlyHint"] != true }
            .compactMap { $0["name"]?.string }
        #expect(Set(changing).subtracting(seen) == RightsTour.elsewhere)
    }

    /// Nothing changes for who may not: neither the state nor his next number.
    private func expectRefused(
        _ step: RightsTour.Step, _ desk: MeshDesk, _ clients: [TestClient]
    ) async throws {
        let peer = desk.peers[step.refused]
        let before = try #require(await desk.state(step.refused))
        let result = await clients[step.refused].call(step.tool, step.arguments())
        let error = result["structuredContent"]?["error"]
        #expect(result["isError"] == true, "\(step.tool): \(result.text)")
        #expect(error?["code"]?.string == step.code, "\(step.tool): \(result.text)")
        if let needed = step.needed {
            #expect(error?["needed"]?.array == needed, "\(step.tool): \(result.text)")
        }
        #expect(!result.firstText.isEmpty, "\(step.tool)")
        let after = try #require(await desk.state(step.refused))
        #expect(after.graph.head(of: peer)?.seq == before.graph.head(of: peer)?.seq, "\(step.tool)")
        #expect(StateHash.hash(of: after) == StateHash.hash(of: before), "\(step.tool)")
    }

    /// What the caller was told is what the others find.
    private func expectTold(
        _ done: JSON, _ step: RightsTour.Step, _ desk: MeshDesk
    ) async throws {
        let outcome = done["outcome"]?.string
        #expect(
            outcome == (step.tool == "share_history" ? "unchanged" : "applied"),
            "\(step.tool): \(done.text)")
        let server = await desk.server
        #expect(done["server_id"]?.string == server.hex, "\(step.tool)")
        // Who makes several members at once is told of each.
        let facts = done["events"]?[0] ?? done
        #expect(facts["seq"] == nil || done["events"] != nil || done["reached"]?.integer != nil)
        await desk.settle()
        guard outcome == "applied" else { return }
        let id = facts["event_id"]?.string.flatMap { Event.ID(hex: $0) }
        let event = try #require(id, "\(step.tool): \(done.text)")
        for node in 0..<2 {
            let state = try #require(await desk.state(node))
            #expect(state.verdict(on: event) == nil, "\(step.tool)")
            #expect(state.seq(of: event).map { Int64($0) } == facts["seq"]?.integer, "\(step.tool)")
        }
    }
}
