import Foundation
import PeerNet
import PeerNode
import PeerState
import PeerTesting
import Testing

/// A node that starts from an older copy of what it stored (PROTOCOL 5.8, F6).
@Suite struct GoingBackTests {
    private static func forks(_ mesh: Mesh, _ node: Int) throws -> [NodeEvent] {
        try mesh.feed(node).filter { $0.kind == .forkDetected }
    }

    @Test func `S-213 S-077 a copy fetches what it wrote, and what it once confirmed, then writes`()
        throws
    {
        print("seed 8301")
        let folder = try LiveNodes.temporaryDirectory()
        defer { LiveNodes.remove(folder) }
        let mesh = try Mesh(seed: 8_301, count: 3)
        let (server, channel) = try mesh.gather()
        mesh.run(for: .seconds(60))
        try mesh.backUp(2, to: folder + "/old.db")
        // Its other life has written and confirmed all this.
        for number in 0..<3 {
            _ = try mesh.post(2, server, channel, "own \(number)")
            _ = try mesh.post(0, server, channel, "foreign \(number)")
            mesh.run(for: .seconds(40))
        }
        let all = try mesh.texts(0, server, channel)
        #expect(try all.count == 6 && mesh.texts(2, server, channel) == all)
        mesh.partition([[0, 1], [2]])
        try mesh.goBack(2, to: folder + "/old.db", life: 1)
        #expect(try mesh.texts(2, server, channel).isEmpty)
        let refused = #expect(throws: NodeFailure.self) {
            try mesh.post(2, server, channel, "too early")
        }
        #expect(refused?.code == .recovering && mesh.core(2).isRecovering)
        mesh.run(for: .seconds(90))
        #expect(mesh.core(2).isRecovering, "time alone proves nothing")
        mesh.heal()
        mesh.run(for: .seconds(120))
        #expect(!mesh.core(2).isRecovering)
        #expect(try mesh.texts(2, server, channel) == all)
        #expect(try mesh.post(2, server, channel, "again").kind == .applied)
        mesh.run(for: .seconds(60))
        for node in 0..<3 {
            #expect(try mesh.texts(node, server, channel) == all + ["again"], "node \(node)")
            #expect(try Self.forks(mesh, node).isEmpty)
            #expect(mesh.stateHash(node, server) == mesh.stateHash(0, server))
        }
    }

    /// Everybody else is a stranger to such a copy, and nobody it knows could hand anything back.
    @Test func `S-213 a copy from before the first member was let in gets its own events back`()
        throws
    {
        print("seed 8302")
        let folder = try LiveNodes.temporaryDirectory()
        defer { LiveNodes.remove(folder) }
        let mesh = try Mesh(seed: 8_302, count: 2)
        let created = try mesh.act(0, .createServer(name: "Harbour", description: ""))
        let (server, channel) = (try #require(created.server), try #require(created.channel))
        mesh.run(for: .seconds(5))
        try mesh.backUp(0, to: folder + "/old.db")
        let invite = try mesh.act(
            0,
            .invite(server: server, recipient: mesh.peerID(1), expiresAtMilliseconds: nil))
        _ = try mesh.act(1, .acceptInvite(code: invite.inviteCode ?? ""))
        mesh.run(for: .seconds(30))
        for node in [0, 1] { _ = try mesh.post(node, server, channel, "by \(node)") }
        mesh.run(for: .seconds(30))
        let all = try mesh.texts(1, server, channel)
        #expect(all.count == 2)
        try mesh.goBack(0, to: folder + "/old.db", life: 1)
        #expect(mesh.core(0).isRecovering)
        mesh.run(for: .seconds(180))
        #expect(!mesh.core(0).isRecovering)
        #expect(try mesh.texts(0, server, channel) == all)
        #expect(try mesh.post(0, server, channel, "again").kind == .applied)
        mesh.run(for: .seconds(60))
        #expect(try mesh.texts(1, server, channel) == all + ["again"])
        #expect(try Self.forks(mesh, 0).isEmpty && Self.forks(mesh, 1).isEmpty)
        #expect(mesh.stateHash(0, server) == mesh.stateHash(1, server))
    }

    private static func life(_ file: String) throws -> [UInt8] {
        let database = try Database(path: file)
        defer { database.close() }
        let value = try database.first("SELECT value FROM settings WHERE name = 'incarnation'") {
            $0.bytes(0)
        }
        return try #require(value)
    }

    @Test func `S-213 a restart goes on with the same life, a restored database begins another`()
        async throws
    {
        let loop = EventLoop()
        loop.start()
        let root = try LiveNodes.temporaryDirectory()
        defer { LiveNodes.remove(root) }
        var options = NodeOptions(dataDirectory: root + "/node")
        options.listen = nil
        options.log = .silent
        let (file, old) = (root + "/node/node.db", root + "/old.db")
        var node = try await Node.start(options, on: loop)
        let created = try await node.perform(.createServer(name: "Harbour", description: ""))
        await node.stop()
        let first = try Self.life(file)
        try FileManager.default.copyItem(atPath: file, toPath: old)
        node = try await Node.start(options, on: loop)
        let post = PostMessage(
            principal: "a", server: try #require(created.server),
            channel: try #require(created.channel), text: "what the copy lacks")
        _ = try await node.perform(.postMessage(post))
        await node.stop()
        #expect(try Self.life(file) == first)
        try Data(contentsOf: URL(fileURLWithPath: old)).write(to: URL(fileURLWithPath: file))
        for suffix in ["-wal", "-shm"]
        where FileManager.default.fileExists(atPath: file + suffix) {
            try FileManager.default.removeItem(atPath: file + suffix)
        }
        #expect(chmod(file, 0o600) == 0)
        node = try await Node.start(options, on: loop)
        let restored = node
        let refused = await #expect(throws: NodeFailure.self) {
            try await restored.perform(.postMessage(post))
        }
        #expect(refused?.code == .recovering)
        await node.stop()
        #expect(try Self.life(file) != first)
        loop.stop()
    }

    /// Nobody there is known to such a copy, and nobody is asked twice to come in.
    @Test func `S-213 a copy from before it joined is a member again, by what it wrote`() throws {
        print("seed 8310")
        let folder = try LiveNodes.temporaryDirectory()
        defer { LiveNodes.remove(folder) }
        let mesh = try Mesh(seed: 8_310, count: 3)
        try mesh.backUp(2, to: folder + "/old.db")
        let (server, channel) = try mesh.gather()
        for node in 0..<3 { _ = try mesh.post(node, server, channel, "by \(node)") }
        _ = try mesh.act(2, .setDisplayName(server: server, name: "chosen since"))
        mesh.run(for: .seconds(60))
        let all = try mesh.texts(0, server, channel)
        #expect(all.count == 3)
        try mesh.goBack(2, to: folder + "/old.db", life: 1)
        #expect(mesh.core(2).servers[server] == nil)
        mesh.run(for: .seconds(120))
        #expect(try mesh.texts(2, server, channel) == all)
        #expect(!mesh.core(2).isRecovering)
        #expect(try mesh.post(2, server, channel, "again").kind == .applied)
        mesh.run(for: .seconds(60))
        for node in 0..<3 {
            #expect(try mesh.texts(node, server, channel) == all + ["again"], "node \(node)")
            #expect(try Self.forks(mesh, node).isEmpty)
            let name = mesh.core(node).servers[server]?.state.displayName(of: mesh.peerID(2))
            #expect(name == "chosen since", "node \(node)")
        }
    }

    /// Who was asked in and never came is still asked.
    @Test func `S-213 a copy that never wrote in a server is not brought into it`() throws {
        print("seed 8311")
        let folder = try LiveNodes.temporaryDirectory()
        defer { LiveNodes.remove(folder) }
        let mesh = try Mesh(seed: 8_311, count: 2)
        try mesh.backUp(1, to: folder + "/old.db")
        let created = try mesh.act(0, .createServer(name: "Harbour", description: ""))
        let server = try #require(created.server)
        _ = try mesh.act(
            0, .invite(server: server, recipient: mesh.peerID(1), expiresAtMilliseconds: nil))
        try mesh.goBack(1, to: folder + "/old.db", life: 1)
        _ = try mesh.act(0, .addPeer(address: Mesh.address(1), identity: mesh.peerID(1)))
        mesh.run(for: .seconds(120))
        #expect(mesh.core(1).servers[server] == nil)
        #expect(mesh.core(1).offerSnapshots().map(\.server) == [server])
    }
}
