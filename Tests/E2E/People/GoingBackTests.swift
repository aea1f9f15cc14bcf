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

    @Test func `S-077 a copy that is made to write by force forks, and all of them see it`() throws
    {
        print("seed 8302")
        let folder = try LiveNodes.temporaryDirectory()
        defer { LiveNodes.remove(folder) }
        var isForced = false
        let mesh = try Mesh(seed: 8_302, count: 3) { node, configuration in
            configuration.overridesRecovery = node == 2 && isForced
        }
        let (server, channel) = try mesh.gather()
        mesh.run(for: .seconds(60))
        for copy in ["calm", "forced"] { try mesh.backUp(2, to: folder + "/\(copy).db") }
        let original = try mesh.post(2, server, channel, "the original")
        mesh.run(for: .seconds(30))
        mesh.partition([[0, 1], [2]])
        // Without force nothing is written, however long nobody answers.
        try mesh.goBack(2, to: folder + "/calm.db", life: 1)
        mesh.run(for: .seconds(200))
        #expect(throws: NodeFailure.self) { try mesh.post(2, server, channel, "no") }
        isForced = true
        try mesh.goBack(2, to: folder + "/forced.db", life: 2)
        mesh.run(for: .seconds(50))
        let early = #expect(throws: NodeFailure.self) {
            try mesh.post(2, server, channel, "within the minute")
        }
        #expect(early?.code == .recovering)
        mesh.run(for: .seconds(20))
        let copy = try mesh.post(2, server, channel, "the copy")
        #expect(copy.kind == .applied && copy.seq == original.seq)
        mesh.heal()
        mesh.run(for: .seconds(180))
        let ids = Set([original, copy].compactMap { $0.event?.hex })
        #expect(ids.count == 2)
        for node in 0..<3 {
            let told = try Self.forks(mesh, node)
            #expect(told.count == 1, "node \(node)")
            #expect(told.first?["author"] == .word(mesh.peerID(2).hex))
            #expect(told.first?["seq"] == original.seq.map { .number($0) })
            guard case .words(let named)? = told.first?["event_ids"] else {
                Issue.record("node \(node) names no events")
                continue
            }
            #expect(Set(named) == ids, "node \(node)")
            #expect(mesh.stateHash(node, server) == mesh.stateHash(0, server))
        }
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
}
