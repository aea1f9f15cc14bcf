import AgentServer
import Foundation
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

    @Test func `S-216 a provider hands on the file of who left, and cannot open it`() async throws {
        try await AgentClientBench.run { bench in
            let alice = try await bench.start("alice")
            let address = "\(try await alice.peerID)@127.0.0.1:\(try await alice.port)"
            let worker = try await bench.start(
                "worker", flags: ["--sync-provider", "--peer", address])
            _ = try await alice.createServer("Cellar")
            _ = try await alice.call(
                "authorize_workers",
                ["worker_peer_ids": [.string(try await worker.peerID)], "confirm": true])
            let bob = try await bench.start("bob")
            try await alice.invite(bob)
            let known = "connected to \(try await worker.peerID.prefix(16))"
            _ = try await bob.process.logLine(with: known, within: 60)
            #expect(try await bench.stop(bob) == .exited(0))

            let lines = (0..<6_000).map { "\(Self.canary) \($0)\n" }.joined()
            let content = Data(lines.utf8)
            let shared = try await alice.call(
                "share_file_inline",
                [
                    "channel": "#general", "filename": "cellar.txt", "confirm": true,
                    "data": .string(content.base64EncodedString()),
                ])
            let file = try #require(shared["file_id"]?.string)
            try await Self.waitUntilKept(by: worker)
            #expect(try await bench.stop(alice) == .exited(0))

            let reborn = try await bench.start("bob")
            #expect(try await Self.download(file, to: reborn) == content)
            let home = bench.home("worker")
            var places = try ProcessMemory.places(of: worker.process, home: home)
            let chunks = try FileManager.default.contentsOfDirectory(atPath: home + "/blobs")
            for name in chunks {
                let path = home + "/blobs/" + name
                places["blobs/" + name] = FileManager.default.contents(atPath: path)
                    .map { Array($0) }
            }
            #expect(places.keys.contains { $0.hasPrefix("blobs/") })
            for (name, bytes) in places {
                #expect(!ProcessMemory.holds(bytes, Array(Self.canary.utf8)), "in \(name)")
            }
        }
    }

    private static func waitUntilKept(by worker: AgentClient) async throws {
        for _ in 0..<60 {
            let counters = try await worker.call("connection_info")["counters"]
            if counters?["chunksKept"]?.integer == 1 { return }
            _ = try await worker.call(
                "wait_for_messages",
                ["after": .string(try await worker.place), "timeout_s": 1])
        }
        throw ChildProcess.Problem("the provider never fetched the file")
    }

    /// Until the message is there and then part by part.
    private static func download(_ file: String, to client: AgentClient) async throws -> Data {
        var data = Data()
        var refusals = 0
        while true {
            let part: JSON
            do {
                part = try await client.call(
                    "download_file",
                    [
                        "file_id": .string(file), "offset": JSON(data.count), "raw": true,
                        "length": 65_536,
                    ])
            } catch let refusal as AgentClient.Refusal {
                refusals += 1
                guard refusals < 20 else { throw refusal }
                _ = try await client.call(
                    "wait_for_messages",
                    ["after": .string(try await client.place), "timeout_s": 1])
                continue
            }
            data += Data(base64Encoded: part["data"]?.string ?? "") ?? Data()
            guard part["has_more"]?.bool == true else { return data }
        }
    }
}
