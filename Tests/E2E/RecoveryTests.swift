import AgentServer
import Foundation
import PeerTesting
import Testing

/// Data directories that go back in time.
@Suite(.timeLimit(.minutes(3 * Patience.minutes)))
struct RecoveryTests {
    @Test func `S-076 a restored old database refuses to write until peers returned what it lacks`()
        async throws
    {
        try await AgentClientBench.run { bench in
            let (alice, bob) = try await bench.pair()
            #expect(try await bench.stop(bob) == .exited(0))
            let (database, copy) = (bench.home("bob") + "/node.db", bench.folder + "/old.db")
            try FileManager.default.copyItem(atPath: database, toPath: copy)

            let second = try await bench.start("bob")
            let place = try await alice.place
            let later = (1...10).map { "later \($0)" }
            let ids = try await ProcessTests.post(later, from: second)
            try await alice.waitForTexts(later, after: place)
            #expect(try await bench.stop(second) == .exited(0))
            #expect(try await bench.stop(alice) == .exited(0))
            try Self.restore(copy, to: database)

            // Nobody is there to ask.
            let old = try await bench.start("bob")
            let refusal = await #expect(throws: AgentClient.Refusal.self) {
                try await old.post("a fork")
            }
            #expect(refusal?.code == "unavailable" && refusal?.rule == "recovering")
            let again = try await bench.start(
                "alice", flags: ["--peer", "127.0.0.1:\(try await old.port)"])
            let alicesPlace = try await again.place
            let new = try await Self.postWhenRecovered(old)
            try await again.waitForTexts(["recovered"], after: alicesPlace)
            let all = try await again.messageIDs()
            #expect(Set(all).isSuperset(of: ids + [new]))
            #expect(all == (try await old.messageIDs()))
        }
    }

    @Test func `an emptied database is damage, not a new beginning`() async throws {
        try await AgentClientBench.run { bench in
            let alice = try await bench.start("alice")
            _ = try await alice.createServer()
            #expect(try await bench.stop(alice) == .exited(0))
            try Data().write(to: URL(filePath: bench.home("alice") + "/node.db"))
            let result = try await bench.command(["run", "--data-dir", bench.home("alice")])
            #expect(result.ending == .exited(6))
            #expect(result.standardError.contains("(corrupt)"))
        }
    }

    /// Writes into the same file, as a restored backup would.
    private static func restore(_ copy: String, to database: String) throws {
        try Data(contentsOf: URL(filePath: copy)).write(to: URL(filePath: database))
        for suffix in ["-wal", "-shm"]
        where FileManager.default.fileExists(atPath: database + suffix) {
            try FileManager.default.removeItem(atPath: database + suffix)
        }
        #expect(chmod(database, 0o600) == 0)
    }

    /// The events are back before the verdict that they are all; waits for a while between tries.
    private static func postWhenRecovered(_ client: AgentClient) async throws -> String {
        let place = try await client.place
        for _ in 0..<30 {
            do {
                return try await client.post("recovered")
            } catch let refusal as AgentClient.Refusal where refusal.rule == "recovering" {
                _ = try await client.call(
                    "wait_for_messages", ["after": .string(place), "timeout_s": 1])
            }
        }
        throw ChildProcess.Problem("\(client.name) never recovered")
    }
}
