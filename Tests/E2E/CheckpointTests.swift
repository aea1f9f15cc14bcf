import PeerNet
import PeerNode
import PeerState
import PeerTesting
import Testing

/// A node that stops leaves a checkpoint, and starts from it; a damaged one costs time, no event.
@Suite struct CheckpointTests {
    /// A node in a folder of its own that is started and stopped again and again.
    private final class Life {
        let root: String
        let loop = EventLoop()
        let logged = Locked<[String]>([])

        init() throws {
            root = try LiveNodes.temporaryDirectory()
            loop.start()
        }

        deinit {
            loop.stop()
            LiveNodes.remove(root)
        }

        func run<Value>(_ body: (Node) async throws -> Value) async throws -> Value {
            let logged = logged
            logged.withLock { $0 = [] }
            var options = NodeOptions(dataDirectory: root + "/node")
            options.displayName = "Ann"
            options.listen = "127.0.0.1:0"
            options.log = Log(level: .info) { text in logged.withLock { $0.append(text) } }
            let node = try await Node.start(options, on: loop)
            do {
                let value = try await body(node)
                await node.stop()
                return value
            } catch {
                await node.stop()
                throw error
            }
        }

        func found() async throws -> (server: Server.ID, channel: Channel.ID) {
            try await run { node in
                let made = try await node.perform(.createServer(name: "Quay", description: ""))
                let server = try #require(made.server)
                let channel = try #require(made.channel)
                try await Self.post(12, on: node, server, channel)
                return (server, channel)
            }
        }

        static func post(
            _ count: Int, on node: Node, _ server: Server.ID, _ channel: Channel.ID
        ) async throws {
            for index in 0..<count {
                _ = try await node.perform(
                    .postMessage(
                        PostMessage(
                            principal: "a", server: server, channel: channel,
                            text: "message \(index)")))
            }
        }

        /// How the next start would make its memory, and the state hash it comes to.
        func look(
            _ server: Server.ID, usesCheckpoints: Bool = true
        ) throws -> (start: NodeStorage.Start, hash: Digest.Value) {
            try store { core, me in
                let stored = try NodeStorage.load(core, me: me, usesCheckpoints: usesCheckpoints)
                let loaded = try #require(stored.servers.first { $0.server.id == server })
                return (loaded.start, StateHash.hash(of: loaded.server.state))
            }
        }

        func store<Value>(_ body: (StoreCore, Peer.ID) throws -> Value) throws -> Value {
            let directory = try DataDirectory(preparing: root + "/node")
            let key = try Keystore.loadIdentity(from: directory)
            var entropy = Entropy.system
            let core = try StoreCore(directory, owner: key.publicKey, entropy: &entropy)
            let value: Value
            do { value = try body(core, key.publicKey) } catch {
                try core.close()
                throw error
            }
            try core.close()
            return value
        }

        func change(_ script: String) throws {
            let directory = try DataDirectory(preparing: root + "/node")
            let database = try Database(path: directory.database)
            try database.execute(script)
            database.close()
        }
    }

    @Test func `a start reads the checkpoint and what came after it`() async throws {
        let life = try Life()
        let place = try await life.found()
        let first = try life.look(place.server)
        #expect(first.start == .checkpoint(tail: 0))
        #expect(try life.look(place.server, usesCheckpoints: false).hash == first.hash)
        // More than the checkpoint holds, and none at the end: as after a crash.
        let kept = try life.store { core, _ in
            var parts: [(Int64, [UInt8])] = []
            try core.forEachCheckpointPart(of: place.server) { parts.append(($0, $1)) }
            return parts.count
        }
        #expect(kept >= 3)
        try await life.run { node in
            try await Life.post(5, on: node, place.server, place.channel)
        }
        let second = try life.look(place.server)
        #expect(second.start == .checkpoint(tail: 0))
        #expect(second.hash != first.hash)
        #expect(try life.look(place.server, usesCheckpoints: false).hash == second.hash)
    }

    @Test(arguments: [
        "UPDATE checkpoint_parts SET bytes = x'00' WHERE number = 0",
        "UPDATE checkpoint_parts SET bytes = substr(bytes, 1, length(bytes) / 2)",
        "DELETE FROM checkpoint_parts WHERE number > 8589934591",
        "UPDATE checkpoints SET state = zeroblob(32)",
        "UPDATE checkpoints SET fold_version = 77",
    ])
    func `a checkpoint that cannot be used is passed over`(damage: String) async throws {
        let life = try Life()
        let place = try await life.found()
        try life.change(damage)
        try await life.run { node in
            try await Life.post(1, on: node, place.server, place.channel)
        }
        let isLogged = life.logged.withLock { lines in
            lines.contains { $0.contains("every event is read instead") }
        }
        #expect(isLogged == damage.contains("checkpoint_parts SET"))
        #expect(try life.look(place.server).start == .checkpoint(tail: 0))
        let again = try life.look(place.server, usesCheckpoints: false)
        #expect(try life.look(place.server).hash == again.hash)
    }

    @Test func `folding again compares with the checkpoint and mends it`() async throws {
        let life = try Life()
        let place = try await life.found()
        func refold() throws -> RebuildReport {
            try life.store { core, me in
                try NodeStorage.refold(
                    place.server, me: me, atMilliseconds: 1, log: .silent, core)
            }
        }
        let report = try refold()
        #expect(report.comparison == .agrees)
        #expect(report.events > 12)
        #expect(report.unusableEvents == 0)
        try life.change("UPDATE checkpoint_parts SET bytes = x'00' WHERE number = 0")
        guard case .unusable = try refold().comparison else {
            Issue.record("a damaged checkpoint was used")
            return
        }
        #expect(try refold().comparison == .agrees)
        try life.store { core, _ in try core.dropCheckpoint(of: place.server) }
        #expect(try refold().comparison == .noCheckpoint)
        #expect(try refold() == report)
    }
}
