import AgentServer
import PeerTesting
import Testing

/// Storage that takes no more.
@Suite(.timeLimit(.minutes(3 * Patience.minutes)))
struct FullDiskTests {
    @Test func `S-236 a full disk refuses in words, keeps what it acknowledged, and heals`()
        async throws
    {
        try await AgentClientBench.run { bench in
            let setUp = try await bench.start("alice")
            _ = try await setUp.createServer()
            #expect(try await bench.stop(setUp) == .exited(0))

            let limited = try await bench.start("alice", fileBlocks: 600)
            let text = String(repeating: "x", count: 10_000)
            var ids: [String] = []
            let refusal = await #expect(throws: AgentClient.Refusal.self) {
                for number in 1...200 { ids.append(try await limited.post("\(number) \(text)")) }
            }
            #expect(refusal?.code == "unavailable", "\(String(describing: refusal))")
            // It still answers, and shows what it holds.
            #expect(try await limited.messageIDs() == ids)
            limited.process.closeInput()
            _ = try await limited.process.ending(within: 10)

            let healed = try await bench.start("alice")
            #expect(try await healed.messageIDs() == ids)
            try await healed.post("room again")
        }
    }
}
