import AgentServer
import Glibc
import PeerTesting
import Testing

/// Real processes that find each other by multicast on the loopback interface.
@Suite(.timeLimit(.minutes(5)))
struct LANProcessTests {
    @Test func `S-222 three nodes find each other without any address`() async throws {
        try await AgentClientBench.run { bench in
            // A network of its own, so that tests beside this one are no part of it.
            let flags = ["--lan", "127.0.0.1", "--network", "lan\(getpid())"]
            try await Self.expectMeeting(bench, flags: flags, listen: "127.0.0.1:0")
        }
    }

    @Test func `S-222 three nodes of a network without IPv4 find each other by default`()
        async throws
    {
        guard let space = try await NetworkSpace.make() else {
            return print("no network namespace can be made here: IPv6 discovery was not tried")
        }
        try await AgentClientBench.run { bench in
            try await Self.expectMeeting(
                bench, flags: [], listen: "[::]:0", prefix: space.prefix)
        }
        space.end()
    }

    private static func expectMeeting(
        _ bench: AgentClientBench, flags: [String], listen: String, prefix: [String] = []
    ) async throws {
        var nodes: [AgentClient] = []
        for name in ["a", "b", "c"] {
            nodes.append(
                try await bench.start(name, flags: flags, listen: listen, prefix: prefix))
        }
        let ids = try await [nodes[0].peerID, nodes[1].peerID, nodes[2].peerID]
        for (node, own) in zip(nodes, ids) {
            for other in ids where other != own {
                let shown = "connected to \(other.prefix(16))"
                _ = try await node.process.logLine(with: shown, within: 60)
            }
        }
    }

    @Test func `nothing is sent or found when it is turned off or of another network`()
        async throws
    {
        try await AgentClientBench.run { bench in
            let network = ["--network", "off\(getpid())"]
            let loud = try await bench.start("loud", flags: network + ["--lan", "127.0.0.1"])
            let quiet = try await bench.start("quiet", flags: network + ["--no-lan"])
            let other = try await bench.start(
                "other", flags: ["--network", "other\(getpid())", "--lan", "127.0.0.1"])
            let witness = try await bench.start("witness", flags: network + ["--lan", "127.0.0.1"])
            // When the witness was found, the beacons of the others had their time as well.
            let seen = try await witness.peerID
            _ = try await loud.process.logLine(with: "connected to \(seen.prefix(16))", within: 60)
            for node in [quiet, other] {
                #expect(!node.process.standardError.contains("connected to"), "\(node.name)")
            }
            let conflict = try await bench.command([
                "run", "--data-dir", bench.home("x"), "--no-lan", "--lan", "127.0.0.1",
            ])
            #expect(conflict.ending == .exited(2))
        }
    }
}
