import AgentServer
import Foundation
import Glibc
import PeerTesting
import Testing

/// The ordered end of a node, and what is left behind.
@Suite(.timeLimit(.minutes(3 * Patience.minutes)))
struct StopTests {
    enum Cause: CaseIterable { case endOfInput, interrupt, terminate }

    @Test(arguments: Cause.allCases)
    func `S-239 a stop ends with 0 and everything acknowledged is there again`(
        _ cause: Cause
    ) async throws {
        try await AgentClientBench.run { bench in
            let alice = try await bench.start("alice")
            _ = try await alice.createServer()
            let ids = try await ProcessTests.post((1...20).map { "m\($0)" }, from: alice)
            switch cause {
            case .endOfInput: alice.process.closeInput()
            case .interrupt: alice.process.signal(SIGINT)
            case .terminate: alice.process.signal(SIGTERM)
            }
            let limit = cause == .endOfInput ? 2.0 : 5.0
            #expect(try await alice.process.ending(within: limit) == .exited(0))
            // A checkpoint was made: nothing is left in the log beside the database.
            let log = bench.home("alice") + "/node.db-wal"
            #expect(Self.size(of: log) == 0)

            let again = try await bench.start("alice")
            #expect(try await again.messageIDs() == ids)
            try await again.post("and on")
        }
    }

    @Test func `S-239 requests under way are answered before the end`() async throws {
        try await AgentClientBench.run { bench in
            let alice = try await bench.start("alice")
            _ = try await alice.createServer()
            let numbers = try (1...20).map { number in
                try alice.send(
                    "tools/call",
                    [
                        "name": "send_message",
                        "arguments": ["channel": "#general", "body": .string("m\(number)")],
                    ])
            }
            alice.process.closeInput()
            var ids: Set<String> = []
            for number in numbers {
                let result = try await alice.answer(to: number)
                ids.insert(result["structuredContent"]?["message_id"]?.string ?? "none")
            }
            #expect(try await alice.process.ending(within: 5) == .exited(0))
            let again = try await bench.start("alice")
            #expect(Set(try await again.messageIDs()) == ids && ids.count == numbers.count)
        }
    }

    @Test func `S-239 a waiting agent does not hold up the stop`() async throws {
        try await AgentClientBench.run { bench in
            let alice = try await bench.start("alice")
            _ = try await alice.createServer()
            let place = try await alice.place
            async let wait: JSON? = {
                do {
                    return try await alice.call(
                        "wait_for_messages", ["after": .string(place), "timeout_s": 50])
                } catch { return nil }
            }()
            _ = try await alice.place
            alice.process.closeInput()
            #expect(try await alice.process.ending(within: 3) == .exited(0))
            _ = await wait
        }
    }

    @Test func `a second signal ends at once with 130, and nothing is lost`() async throws {
        try await AgentClientBench.run { bench in
            let alice = try await bench.start("alice")
            _ = try await alice.createServer()
            let id = try await alice.post("kept")
            // Both signals are there when it goes on.
            alice.process.signal(SIGSTOP)
            alice.process.signal(SIGINT)
            alice.process.signal(SIGTERM)
            alice.process.signal(SIGCONT)
            #expect(try await alice.process.ending(within: 5) == .exited(130))
            let again = try await bench.start("alice")
            #expect(try await again.messageIDs() == [id])
        }
    }

    @Test func `a node without an agent runs until a signal`() async throws {
        try await AgentClientBench.run { bench in
            let node = try bench.launch([
                "run", "--transport", "none", "--data-dir", bench.home("solo"), "--listen",
                "127.0.0.1:0",
            ])
            node.closeInput()
            _ = try await node.logLine(with: "listening on 127.0.0.1:")
            node.signal(SIGTERM)
            #expect(try await node.ending(within: 5) == .exited(0))
            #expect(node.output.isEmpty)
        }
    }

    @Test func `the data directory is private, and so is every file in it`() async throws {
        try await AgentClientBench.run { bench in
            let alice = try await bench.start("alice")
            _ = try await alice.createServer()
            try await alice.post("hello")
            #expect(Self.mode(of: bench.home("alice")) == 0o700)
            let files = try FileManager.default.contentsOfDirectory(atPath: bench.home("alice"))
            #expect(Set(files).isSuperset(of: ["identity", "node.db", "high-water"]))
            for file in files {
                let path = bench.home("alice") + "/" + file
                let isFolder = Self.status(of: path).st_mode & S_IFMT == S_IFDIR
                #expect(Self.mode(of: path) == (isFolder ? 0o700 : 0o600), "\(file)")
            }
        }
    }

    private static func status(of path: String) -> stat {
        var status = stat()
        _ = lstat(path, &status)
        return status
    }

    private static func size(of path: String) -> Int { Int(status(of: path).st_size) }

    private static func mode(of path: String) -> mode_t { status(of: path).st_mode & 0o777 }
}
