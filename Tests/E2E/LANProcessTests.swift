import AgentServer
import Glibc
import PeerTesting
import Testing

/// Real processes that find each other by multicast on the loopback interface.
@Suite(.timeLimit(.minutes(5)))
struct LANProcessTests {
    @Test(arguments: [("127.0.0.1", "127.0.0.1:0"), ("::1", "[::1]:0")])
    func `three nodes find each other without any address`(
        interface: String, listen: String
    ) async throws {
        try await AgentClientBench.run { bench in
            // A network of its own, so that tests beside this one are no part of it.
            let flags = ["--lan", interface, "--network", "lan\(getpid())\(interface.count)"]
            let nodes = [
                try await bench.start("a", flags: flags, listen: listen),
                try await bench.start("b", flags: flags, listen: listen),
                try await bench.start("c", flags: flags, listen: listen),
            ]
            let ids = try await [nodes[0].peerID, nodes[1].peerID, nodes[2].peerID]
            for (node, own) in zip(nodes, ids) {
                for other in ids where other != own {
                    _ = try await node.process.logLine(with: "connected to \(other)", within: 60)
                }
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
            _ = try await loud.process.logLine(with: "connected to \(seen)", within: 60)
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
