import AgentServer
import PeerNode
import PeerState
import PeerTesting
import Testing

/// Agents name what they answer, and a person can be found at the beginning.
@Suite(.timeLimit(.minutes(Patience.minutes))) struct CauseToolTests {
    /// Node 0 is a person's, node 1 a plain agent's, node 2 that of an agent with limits.
    private func desk(seed: UInt64) async throws -> MeshDesk {
        let desk = try MeshDesk(seed: seed, count: 3)
        let server = await desk.server
        _ = try await desk.act(2, .server(.leave(), in: server))
        await desk.settle()
        _ = try await desk.act(
            0,
            .rights(
                .addAgent(desk.peers[2], Attenuation(eventsPerMinute: 100)), in: server,
                isRehearsal: false))
        await desk.settle()
        if await desk.state(2)?.standing(of: desk.peers[2]) == nil {
            _ = try await desk.act(2, .acceptInvite(code: server.hex))
            await desk.settle()
        }
        return desk
    }

    private func id(_ result: JSON) -> JSON { result["message_id"] ?? .null }

    @Test func `S-308 each answer of an agent leads back to the person who asked`() async throws {
        let desk = try await desk(seed: 308)
        let asked = await desk.client(0).structured(
            "send_message", ["channel": "#general", "body": "who is there?"])
        await desk.settle()
        // An agent with limits names what it replies to without being told.
        let first = await desk.client(2).structured(
            "send_reply", ["parent_id": id(asked), "body": "I am"])
        await desk.settle()
        let second = await desk.client(1).structured(
            "send_message",
            ["channel": "#general", "body": "so am I", "causes": [id(asked), id(first)]])
        #expect(second["outcome"] == "applied")
        await desk.settle()
        for (message, depth) in [(first, 1), (second, 2)] {
            for node in 0..<3 {
                let text = try #require(id(message).string)
                let why = await desk.client(node).structured("why", ["subject": .string(text)])
                #expect(why["verdict"] == "effective")
                #expect(why["chain"]?[0]?["event_id"] == id(asked), "node \(node)")
                #expect(why["chain"]?[0]?["effect"] == "cause")
                #expect(why["chain"]?[0]?["author"] == .string(desk.peers[0].hex))
                let says = why["explanation"]?.string ?? ""
                #expect(says.contains(depth == 1 ? "It answers" : "is answer 2 in a chain"))
            }
        }
        let person = await desk.client(0).structured("why", ["subject": id(asked)])
        #expect(person["chain"]?[0]?["effect"] != "cause")
    }

    @Test func `S-307 tools refuse the seventeenth answer to answers with a word of its own`()
        async throws
    {
        let desk = try await desk(seed: 307)
        var last = id(
            await desk.client(0).structured(
                "send_message", ["channel": "#general", "body": "begin"]))
        for number in 1...16 {
            await desk.settle()
            let node = 1 + number % 2
            last = id(
                await desk.client(node).structured(
                    "send_message",
                    ["channel": "#general", "body": .string("\(number)"), "causes": [last]]))
        }
        await desk.settle()
        let hashes = await desk.hashes()
        for node in 1...2 {
            let refused = await desk.client(node).refusal(
                "send_message", ["channel": "#general", "body": "and on", "causes": [last]])
            #expect(refused["code"] == "loop_guard" && refused["rule"] == "loopGuard")
        }
        #expect(await desk.hashes() == hashes && hashes.count == 1)
        let many = await desk.client(1).refusal(
            "send_message",
            [
                "channel": "#general", "body": "x",
                "causes": .array(Array(repeating: last, count: 5)),
            ])
        #expect(many["code"] == "invalid_argument")
    }
}
