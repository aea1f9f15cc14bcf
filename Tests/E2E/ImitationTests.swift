import PeerNode
import PeerState
import PeerTesting
import Testing

/// Nobody is shown by a name that is somebody else's, or the system's.
@Suite struct ImitationTests {
    private func names(_ mesh: Mesh, _ node: Int, _ server: Server.ID) throws -> [Peer.ID: String] {
        let members = try mesh.core(node).memberSnapshots(in: server)
        return Dictionary(uniqueKeysWithValues: members.map { ($0.id, $0.displayName) })
    }

    private func rename(_ mesh: Mesh, _ node: Int, _ server: Server.ID, _ name: String) throws {
        _ = try mesh.act(node, .setDisplayName(server: server, name: name))
        mesh.run(for: .seconds(30))
    }

    @Test func `who takes the name of another is shown with the beginning of the key`() throws {
        print("seed 140")
        let mesh = try Mesh(seed: 140, count: 4)
        let (server, channel) = try mesh.gather()
        try rename(mesh, 1, server, "Alice")
        try rename(mesh, 2, server, "Аlicе")
        let imitator = mesh.peerID(2)
        for node in [0, 3] {
            let shown = try names(mesh, node, server)
            #expect(shown[mesh.peerID(1)] == "Alice")
            #expect(shown[imitator] == "Аlicе·\(imitator.hex.prefix(6))")
        }
        // To herself she is who she is; whoever looks like her is marked.
        #expect(try names(mesh, 1, server)[mesh.peerID(1)] == "Alice")
        // The owner's name is his, however late he took it.
        try rename(mesh, 2, server, "The Boss")
        try rename(mesh, 0, server, "the boss")
        #expect(try names(mesh, 3, server)[imitator] == "The Boss·\(imitator.hex.prefix(6))")
        #expect(try names(mesh, 3, server)[mesh.peerID(0)] == "the boss")
        // Words of the system are nobody's, and a restart changes nothing.
        try rename(mesh, 2, server, "System")
        try mesh.crash(3, life: 1)
        #expect(try names(mesh, 3, server)[imitator] == "System·\(imitator.hex.prefix(6))")
        _ = try mesh.post(2, server, channel, "obey")
        #expect(try names(mesh, 3, server)[mesh.peerID(1)] == "Alice")
    }

    @Test func `S-099 a nickname wins here, and others neither see nor take it`() throws {
        print("seed 141")
        let mesh = try Mesh(seed: 141, count: 3)
        let (server, _) = try mesh.gather()
        let nickname = ContactChange(nickname: "Captain")
        _ = try mesh.act(0, .setContact(mesh.peerID(1), nickname))
        #expect(try names(mesh, 0, server)[mesh.peerID(1)] == "Captain")
        #expect(try names(mesh, 2, server)[mesh.peerID(1)] == "node1")
        try rename(mesh, 2, server, "captain")
        let taker = mesh.peerID(2)
        #expect(try names(mesh, 0, server)[taker] == "captain·\(taker.hex.prefix(6))")
        #expect(try names(mesh, 1, server)[taker] == "captain")
        for node in 1...2 {
            let events = mesh.core(node).servers[server]?.state.graph.count
            #expect(events == mesh.core(0).servers[server]?.state.graph.count)
        }
        _ = try mesh.act(0, .setContact(mesh.peerID(1), ContactChange(nickname: "")))
        #expect(try names(mesh, 0, server)[mesh.peerID(1)] == "node1")
        for text in ["two\nlines", " led by space", String(repeating: "n", count: 65)] {
            #expect(throws: NodeFailure.self) {
                try mesh.act(0, .setContact(mesh.peerID(1), ContactChange(nickname: text)))
            }
        }
    }
}
