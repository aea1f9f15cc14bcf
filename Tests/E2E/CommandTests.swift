import AgentServer
import Foundation
import PeerTesting
import Testing

/// Commands that need no second node, and every way to use them wrongly.
@Suite(.timeLimit(.minutes(3 * Patience.minutes)))
struct CommandTests {
    @Test func `S-240 init makes an identity once and prints the peer id`() async throws {
        try await AgentClientBench.run { bench in
            let home = bench.home("new")
            let made = try await bench.command([
                "init", "--data-dir", home, "--name", "Ada", "--server-name", "Lab",
            ])
            #expect(made.ending == .exited(0))
            let peer = made.output.trimmingCharacters(in: .newlines)
            #expect(peer.count == 64 && peer.allSatisfy(\.isHexDigit))
            let seed = try Data(contentsOf: URL(filePath: home + "/identity"))
            #expect(seed.count == 32)

            let again = try await bench.command(["init", "--data-dir", home])
            #expect(again.ending == .exited(1))
            #expect(again.standardError.contains("(alreadySetUp)"))
            #expect(try Data(contentsOf: URL(filePath: home + "/identity")) == seed)
            let printed = try await bench.command(["--print-peer-id", "--data-dir", home])
            #expect(printed.output == made.output)

            let status = try await bench.status(of: "new")
            #expect(status["peer_id"]?.string == peer)
            #expect(status["running"] == false)
            let server = status["servers"]?.array?.first
            #expect(server?["name"] == "Lab" && server?["members"] == 1)
            let node = try await bench.start("new")
            #expect(try await node.read("peer://identity")["display_name"] == "Ada")
        }
    }

    @Test func `status tells that a node is running`() async throws {
        try await AgentClientBench.run { bench in
            let alice = try await bench.start("alice")
            let status = try await bench.status(of: "alice")
            #expect(status["running"] == true)
            #expect(status["peer_id"]?.string == (try await alice.peerID))
            let text = try await bench.command(["status", "--data-dir", bench.home("alice")])
            #expect(text.output.contains("running: ") && text.ending == .exited(0))
        }
    }

    @Test func `S-238 S-077 a second process on the same data directory ends with 5`() async throws
    {
        try await AgentClientBench.run { bench in
            let alice = try await bench.start("alice")
            let second = try await bench.command([
                "run", "--no-attach", "--data-dir", bench.home("alice"),
            ])
            #expect(second.ending == .exited(5))
            #expect(second.standardError.contains("\(alice.process.processID)"))
            #expect(second.standardError.contains("(locked)"))
            #expect(second.output.isEmpty)
            _ = try await alice.createServer()
        }
    }

    @Test func `S-240 a key that others may read is refused with the command that helps`()
        async throws
    {
        try await AgentClientBench.run { bench in
            let home = bench.home("alice")
            _ = try await bench.command(["init", "--data-dir", home])
            #expect(chmod(home + "/identity", 0o644) == 0)
            for command in [["run"], ["status"], ["--print-peer-id"]] {
                let result = try await bench.command(command + ["--data-dir", home])
                #expect(result.ending == .exited(4))
                #expect(result.standardError.contains("chmod 600 \(home)/identity"))
                #expect(result.standardError.contains("(keyExposed)"))
            }
        }
    }

    @Test func `S-240 a damaged key and a missing one are refused and left alone`() async throws {
        try await AgentClientBench.run { bench in
            let home = bench.home("alice")
            let missing = try await bench.command(["status", "--data-dir", home])
            #expect(missing.ending == .exited(4))
            #expect(missing.standardError.contains("(keyMissing)"))
            #expect(!FileManager.default.fileExists(atPath: home))

            _ = try await bench.command(["init", "--data-dir", home])
            let key = URL(filePath: home + "/identity")
            try Data(repeating: 7, count: 31).write(to: key)
            #expect(chmod(key.path(), 0o600) == 0)
            let damaged = try await bench.command(["run", "--data-dir", home])
            #expect(damaged.ending == .exited(4))
            #expect(damaged.standardError.contains("(keyUnusable)"))
            #expect(try Data(contentsOf: key).count == 31)
        }
    }

    @Test(arguments: [
        (["--data-dri", "/x"], "did you mean --data-dir?"),
        (["statsu"], "did you mean status?"),
        (["run", "surplus"], "\"surplus\""),
        (["--data-dir"], "--data-dir needs a value: PATH"),
        (["--name", "--listen"], "--name needs a value: NAME"),
        (["--name=A", "--name=B"], "--name was given twice"),
        (["--print-peer-id=yes"], "--print-peer-id takes no value"),
        (["--log-level", "loud"], "error, warning, info, debug, trace"),
        (["--scope", "root"], "read-only"),
        (["--scope", "custom"], "--tools"),
        (["--toolsets", "messging"], "did you mean messaging?"),
        (["--limit", "posting"], "posting=60/20"),
        (["--limit", "posting=99999999999999999999"], "posting=60/20"),
        (["--bad\nline\u{1b}[31m"], "\\u{a}line\\u{1b}[31m"),
        (["status", "--listen", "x"], "\"--listen\""),
    ])
    func `wrong usage ends with 2 and names the argument`(
        _ arguments: [String], _ hint: String
    ) async throws {
        try await AgentClientBench.run { bench in
            let result = try await bench.command(arguments)
            #expect(result.ending == .exited(2))
            #expect(result.standardError.contains(hint), "\(result.standardError)")
            #expect(result.standardError.hasSuffix("(usage)\n"))
            #expect(result.standardError.filter { $0 == "\n" }.count == 1)
            #expect(result.output.isEmpty)
        }
    }

    @Test func `arguments of a hundred thousand bytes are survived`() async throws {
        try await AgentClientBench.run { bench in
            let long = String(repeating: "x", count: 100_000)
            let word = try await bench.command([long, long])
            #expect(word.ending == .exited(2) && word.standardError.utf8.count < 1_000)
            let flag = try await bench.command(["--" + long, long])
            #expect(flag.ending == .exited(2) && flag.standardError.utf8.count < 1_000)
            let path = try await bench.command(["run", "--data-dir", "/tmp/" + long])
            #expect(path.ending == .exited(1))
            let name = try await bench.command([
                "run", "--data-dir", bench.home("a"), "--name", long, "--listen", "none",
            ])
            #expect(name.ending != .exited(0) || !name.standardError.contains(long))
        }
    }

    @Test func `flags go before the environment, and that before the default`() async throws {
        try await AgentClientBench.run { bench in
            let (one, two) = (bench.home("one"), bench.home("two"))
            _ = try await bench.command(["init", "--data-dir", one])
            _ = try await bench.command(["init", "--data-dir", two])
            _ = try await bench.command(["init"])
            func peer(_ flags: [String], _ environment: [String: String]) async throws -> String {
                try await bench.command(["--print-peer-id"] + flags, environment: environment)
                    .output
            }
            let first = try await peer(["--data-dir=" + one], [:])
            let second = try await peer(["--data-dir", two], [:])
            let usual = try await peer([], [:])
            #expect(Set([first, second, usual]).count == 3)
            #expect(try await peer(["--data-dir", one], ["PEER_AGENT_DATA_DIR": two]) == first)
            #expect(try await peer([], ["PEER_AGENT_DATA_DIR": two]) == second)
            #expect(try await peer([], ["PEER_AGENT_HOME": two]) == second)
            #expect(try await peer([], ["PEER_AGENT_HOME": "~/one"]) == first)
            #expect(try await peer([], ["PEER_AGENT_HOME": ""]) == usual)
        }
    }

    @Test func `an environment that cannot be meant ends with 3`() async throws {
        try await AgentClientBench.run { bench in
            let result = try await bench.command(
                ["status"], environment: ["PEER_AGENT_JSON": "perhaps"])
            #expect(result.ending == .exited(3))
            #expect(result.standardError.contains("PEER_AGENT_JSON"))
        }
    }

    @Test func `S-322 help and version need nothing`() async throws {
        try await AgentClientBench.run { bench in
            let help = try await bench.command(["--help"])
            #expect(help.ending == .exited(0))
            for word in ["run", "init", "status", "demo", "--data-dir PATH"] {
                #expect(help.output.contains(word))
            }
            #expect(!help.output.contains("probe"))
            let own = try await bench.command(["init", "--help"])
            #expect(own.output.contains("--server-name NAME"))
            let version = try await bench.command(["--version"])
            #expect(version.output.hasPrefix("peer-agent ") && version.ending == .exited(0))
            #expect(!FileManager.default.fileExists(atPath: bench.folder + "/.peer-agent"))
        }
    }

    @Test func `S-327 an address that is taken or none at all ends with 7`() async throws {
        try await AgentClientBench.run { bench in
            let alice = try await bench.start("alice")
            let taken = try await bench.command([
                "run", "--data-dir", bench.home("b"), "--listen",
                "127.0.0.1:\(try await alice.port)",
            ])
            #expect(taken.ending == .exited(7))
            let wrong = try await bench.command([
                "run", "--data-dir", bench.home("c"), "--listen", "nowhere",
            ])
            #expect(wrong.ending == .exited(7))
        }
    }

    @Test func `the demo tells its story, ends with a configuration, and tidies up`()
        async throws
    {
        try await AgentClientBench.run { bench in
            let place = bench.folder + "/tmp"
            try FileManager.default.createDirectory(
                atPath: place, withIntermediateDirectories: false)
            let demo = try await bench.command(
                ["demo", "--plain"], environment: ["TMPDIR": place], within: 120)
            try #require(demo.ending == .exited(0), "\(demo.standardError)")
            #expect(demo.output.contains("caught up on 20 messages"))
            #expect(!demo.output.contains("\u{1b}"))
            let start = try #require(demo.output.firstIndex(of: "{"))
            let configuration = try JSON(parsing: Array(demo.output[start...].utf8))
            let node = configuration["mcpServers"]?["peer-agent"]
            let program = try #require(node?["command"]?.string)
            #expect(FileManager.default.isExecutableFile(atPath: program))
            #expect(node?["env"]?["PEER_AGENT_HOME"]?.string == bench.folder + "/.peer-agent")
            #expect(try FileManager.default.contentsOfDirectory(atPath: place) == [])
        }
    }

    @Test func `an interrupted demo tidies up`() async throws {
        try await AgentClientBench.run { bench in
            let place = bench.folder + "/tmp"
            try FileManager.default.createDirectory(
                atPath: place, withIntermediateDirectories: false)
            let demo = try bench.launch(
                ["demo", "--plain"], environment: ["TMPDIR": place])
            _ = try await demo.wait(20, "for the story to begin") {
                $0.output.isEmpty ? nil : true
            }
            demo.signal(SIGINT)
            // A busy machine may deliver the signal after the last word.
            let ending = try await demo.ending()
            #expect(ending == .exited(130) || ending == .exited(0), "\(ending)")
            #expect(try FileManager.default.contentsOfDirectory(atPath: place) == [])
        }
    }
}
