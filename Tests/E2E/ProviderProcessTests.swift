import AgentServer
import PeerTesting
import Testing

/// A real node that keeps history for others and can read none of it.
@Suite(.timeLimit(.minutes(5)))
struct ProviderProcessTests {
    /// Nobody else says this word.
    private static let canary = "marzipanzeppelin"

    @Test func `S-216 a provider serves who was away, and holds no text and no key`() async throws {
        try await AgentClientBench.run { bench in
            let alice = try await bench.start("alice")
            let address = "\(try await alice.peerID)@127.0.0.1:\(try await alice.port)"
            let worker = try await bench.start(
                "worker", flags: ["--sync-provider", "--peer", address, "--log-level", "trace"])
            _ = try await alice.createServer("Cellar")
            let answer = try await alice.call(
                "authorize_workers",
                ["worker_peer_ids": [.string(try await worker.peerID)], "confirm": true])
            #expect(answer["outcome"] == "applied")
            _ = try await worker.process.logLine(with: "provider: keeps server")

            let bob = try await bench.start("bob")
            try await alice.invite(bob)
            let known = "connected to \(try await worker.peerID.prefix(16))"
            _ = try await bob.process.logLine(with: known, within: 60)
            let place = try await bob.place
            #expect(try await bench.stop(bob) == .exited(0))
            var reached: Int64 = 0
            for number in 1...20 {
                let sent = try await alice.call(
                    "send_message",
                    ["channel": "#general", "body": .string("\(Self.canary) \(number)")])
                reached = sent["reached"]?.integer ?? 0
            }
            #expect(reached >= 1)
            #expect(try await bench.stop(alice) == .exited(0))

            let reborn = try await bench.start("bob")
            try await reborn.waitForTexts((1...20).map { "\(Self.canary) \($0)" }, after: place)
            let places = try ProcessMemory.places(
                of: worker.process, home: bench.home("worker"))
            for (name, bytes) in places {
                #expect(!ProcessMemory.holds(bytes, Array(Self.canary.utf8)), "in \(name)")
            }
            // What is in clear by design is there, so the search finds what it looks for.
            #expect(ProcessMemory.holds(places["memory"] ?? [], Array("Cellar".utf8)))
        }
    }
}
