import AgentServer
import Foundation
import PeerTesting
import Testing

/// Real processes that cannot dial one another, and a relay between them.
@Suite(.timeLimit(.minutes(5)))
struct RelayProcessTests {
    /// Nobody else says this word.
    private static let canary = "xylophonequartz"

    private static func relay(
        _ bench: AgentClientBench, _ name: String
    ) async throws -> (AgentClient, flags: [String]) {
        let relay = try await bench.start(name, flags: ["--relay-server", "--log-level", "trace"])
        return (relay, ["--relay", "127.0.0.1:\(try await relay.port)"])
    }

    @Test
    func `S-217 two peers that listen nowhere chat through a relay, which learns only their ids`()
        async throws
    {
        try await AgentClientBench.run { bench in
            let (relay, flags) = try await Self.relay(bench, "relay")
            let alice = try await bench.start("alice", flags: flags, listen: "none")
            let bob = try await bench.start("bob", flags: flags, listen: "none")
            _ = try await alice.createServer("Server \(Self.canary)")
            try await alice.call(
                "create_channel", ["name": .string("c-\(Self.canary)")])
            try await alice.invite(bob)
            let place = try await alice.place
            try await bob.post("I say \(Self.canary)")
            try await alice.waitForTexts(["I say \(Self.canary)"], after: place)

            let info = try await alice.call("connection_info", [:])
            let bobID = try await bob.peerID
            let entry = info["peers"]?.array?.first { $0["peer_id"]?.string == bobID }
            #expect(entry?["address"]?.string?.hasPrefix("relay:") == true)
            let server = try await alice.read("peer://servers")["servers"]?.array?.first?["id"]?
                .string
            let forbidden = [Self.canary, try #require(server)]
            try await Self.expectNothing(
                of: forbidden, in: relay, home: bench.home("relay"),
                seen: try await alice.peerID)
        }
    }

    @Test func `S-217 when one relay dies the other carries on`() async throws {
        try await AgentClientBench.run { bench in
            let (first, one) = try await Self.relay(bench, "one")
            let (_, two) = try await Self.relay(bench, "two")
            let alice = try await bench.start("alice", flags: one + two, listen: "none")
            let bob = try await bench.start("bob", flags: one + two, listen: "none")
            _ = try await alice.createServer()
            try await alice.invite(bob)
            let place = try await bob.place
            try await first.process.kill()
            for number in 1...20 { try await alice.post("after \(number)") }
            try await bob.waitForTexts((1...20).map { "after \($0)" }, after: place)
            #expect(try await alice.messageIDs() == (try await bob.messageIDs()))
        }
    }

    /// Looks through the relay's log, files and memory.
    private static func expectNothing(
        of words: [String], in relay: AgentClient, home: String, seen id: String
    ) async throws {
        let places = try ProcessMemory.places(of: relay.process, home: home)
        for word in words {
            let raw = stride(from: 0, to: word.count - 1, by: 2).compactMap { offset in
                UInt8(word.dropFirst(offset).prefix(2), radix: 16)
            }
            for (name, bytes) in places {
                #expect(!ProcessMemory.holds(bytes, Array(word.utf8)), "\(word) in \(name)")
                guard raw.count == word.count / 2, raw.count >= 16 else { continue }
                #expect(!ProcessMemory.holds(bytes, raw), "\(word) in \(name), raw")
            }
        }
        // The search itself finds what is there.
        #expect(ProcessMemory.holds(places["log"] ?? [], Array(id.prefix(16).utf8)))
    }
}
