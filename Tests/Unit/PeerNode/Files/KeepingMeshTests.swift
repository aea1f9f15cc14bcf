import PeerNet
import PeerNode
import PeerState
import PeerTesting
import Testing

/// Files that a provider brings to itself for members who are away (PROTOCOL 7.8).
@Suite struct KeepingMeshTests {
    /// Node 0 founds, node 1 is a provider, nodes 2 and 3 are members.
    private struct Scene {
        let mesh: Mesh
        let server: Server.ID
        let channel: Channel.ID

        init(
            seed: UInt64, folder: String? = nil, isGranted: Bool = true,
            before: (Mesh, Server.ID, Channel.ID) throws -> Void = { _, _, _ in }
        ) throws {
            print("seed \(seed)")
            mesh = try Mesh(seed: seed, count: 4, folder: folder) { node, configuration in
                guard node == 1 else { return }
                configuration.isProvider = true
                configuration.peers = [Mesh.address(0)]
            }
            mesh.run(for: .seconds(5))
            let created = try mesh.act(0, .createServer(name: "Harbour", description: ""))
            server = try #require(created.server)
            channel = try #require(created.channel)
            try before(mesh, server, channel)
            if isGranted { _ = try mesh.act(0, .authorizeWorker(mesh.peerID(1), in: server)) }
            for node in isGranted ? [2, 3] : [1, 2, 3] {
                let invite = try mesh.act(
                    0,
                    .invite(
                        server: server, recipient: mesh.peerID(node), expiresAtMilliseconds: nil))
                // The provider is named in the invite, and must have heard of the guest.
                mesh.run(for: .seconds(20))
                _ = try mesh.act(node, .acceptInvite(code: invite.inviteCode ?? ""))
            }
            mesh.run(for: .seconds(20))
        }

        func share(_ plain: [UInt8], by node: Int = 0) throws -> (
            message: Event.ID, file: PeerState.Attachment
        ) {
            try mesh.share(node, server, channel, plain, chunkSize: 262_144)
        }

        /// How many chunks of a file a node holds.
        func held(_ node: Int, _ file: PeerState.Attachment) -> Int {
            file.chunks.count { mesh.held(node, $0) != nil }
        }

        var provider: NodeCore { mesh.core(1) }
    }

    private static let word = "marzipanq8"

    private static func plain(_ count: Int, _ salt: UInt8 = 0) -> [UInt8] {
        let line = Array("\(word) \(salt) ".utf8)
        return (0..<count).map { line[$0 % line.count] ^ ($0 < line.count ? 0 : salt) }
    }

    @Test func `S-216 a file outlives its author's absence at a provider that cannot read it`()
        throws
    {
        let folder = try LiveNodes.temporaryDirectory()
        defer { LiveNodes.remove(folder) }
        let scene = try Scene(seed: 821, folder: folder)
        let mesh = scene.mesh
        let content = Self.plain(600_000)
        let shared = try scene.share(content)
        mesh.run(for: .seconds(20))
        #expect(scene.held(1, shared.file) == 3)
        #expect(scene.held(2, shared.file) == 0, "who is no provider waits until it is asked")
        #expect(scene.provider.reachSnapshot().counters[.chunksKept] == 3)

        mesh.partition([[0], [1, 2, 3]])
        mesh.run(for: .seconds(60))
        let before = mesh.served(by: 0)
        mesh.fetch(2, shared.file, in: scene.server)
        mesh.run(for: .seconds(30))
        #expect((mesh.opened(2, shared.file) == content) as Bool)
        #expect(mesh.served(by: 0) == before)
        let bytes = try mesh.storedBytes(1)
        #expect(bytes.count > content.count)
        #expect(bytes.firstRange(of: Array(Self.word.utf8)) == nil)
        #expect(bytes.firstRange(of: shared.file.key) == nil)
        let slot = try #require(scene.provider.servers[scene.server])
        #expect(slot.state.epochs.keys.allSatisfy { !slot.keys.holds($0) })
    }

    @Test func `what was said before a provider came is brought too, deleted files are not`()
        throws
    {
        var files: [PeerState.Attachment] = []
        let scene = try Scene(seed: 822) { mesh, server, channel in
            for salt in 0..<2 {
                let shared = try mesh.share(
                    0, server, channel, Self.plain(300_000, UInt8(salt)), chunkSize: 262_144)
                files.append(shared.file)
                guard salt == 0 else { continue }
                let delete = Action.content(
                    .delete(reason: ""), on: shared.message, in: server, principal: "test")
                _ = try mesh.act(0, delete)
            }
        }
        scene.mesh.run(for: .seconds(30))
        #expect(files.map { scene.held(1, $0) } == [0, 2])
        #expect(scene.provider.reachSnapshot().gauges[.chunksWaiting] == 0)
    }

    @Test func `the flag without the right keeps nothing`() throws {
        let scene = try Scene(seed: 823, isGranted: false)
        let shared = try scene.share(Self.plain(10_000))
        scene.mesh.run(for: .seconds(30))
        #expect(scene.mesh.stateHash(1, scene.server) == scene.mesh.stateHash(0, scene.server))
        #expect(scene.held(1, shared.file) == 0)
        let serving = try #require(PermissionNumber(0))
        let change = RightsChange.grant(serving, to: scene.mesh.peerID(1))
        let granted = try scene.mesh.act(
            0, .rights(change, in: scene.server, isRehearsal: false))
        #expect(granted.kind == .applied)
        scene.mesh.run(for: .seconds(10))
        #expect(scene.held(1, shared.file) == 1, "given the right, it fetches what there is")
    }

    @Test func `what nobody had is fetched when its holder comes, and a restart goes on`() throws {
        let scene = try Scene(seed: 824)
        let mesh = scene.mesh
        mesh.partition([[0, 2], [1, 3]])
        mesh.run(for: .seconds(60))
        let content = Self.plain(3_000_000)
        let shared = try scene.share(content)
        mesh.run(for: .seconds(20))
        mesh.partition([[0], [1, 2, 3]])
        mesh.run(for: .seconds(60))
        #expect(mesh.stateHash(1, scene.server) == mesh.stateHash(0, scene.server))
        #expect(scene.provider.reachSnapshot().counters[.chunksUnavailable] > 0)
        #expect(scene.held(1, shared.file) == 0)

        mesh.heal()
        while scene.held(1, shared.file) < 4 { try #require(mesh.step()) }
        try mesh.crash(1, life: 1)
        mesh.run(for: .seconds(90))
        #expect((mesh.opened(1, shared.file) == content) as Bool)
        // What was on its way when it stopped is sent again, and no more.
        #expect(mesh.served(by: 0) < content.count + 6 * 262_144)
    }

    @Test func `a lie about a chunk's size keeps nobody's file away and blames no holder`() throws {
        let scene = try Scene(seed: 825)
        let mesh = scene.mesh
        let content = Self.plain(100_000)
        mesh.partition([[0], [1, 2, 3]])
        let shared = try scene.share(content)
        mesh.run(for: .seconds(30))
        let file = shared.file
        let shape = try #require(FileShape(size: 90_000, chunkSize: 262_144))
        let lie = PeerState.Attachment(
            name: file.name, mediaType: file.mediaType, shape: shape, key: file.key,
            prefix: file.prefix, chunks: file.chunks, digest: file.digest)
        var post = PostMessage(
            principal: "test", server: scene.server, channel: scene.channel, text: "mine")
        post.attachments = [lie]
        _ = try mesh.act(2, .postMessage(post))
        mesh.run(for: .seconds(30))
        mesh.heal()
        mesh.run(for: .seconds(90))
        #expect((mesh.opened(1, file) == content) as Bool)
        #expect(mesh.core(1).score(of: mesh.peerID(0)) >= 0)
    }

    @Test func `a full shelf stays as it is, and is not asked about again and again`() throws {
        let scene = try Scene(seed: 826)
        let mesh = scene.mesh
        mesh.limitShelf(of: 1, to: 600_000)
        var files: [PeerState.Attachment] = []
        for salt in 0..<4 {
            files.append(try scene.share(Self.plain(200_000, UInt8(salt)), by: salt % 2 * 2).file)
            mesh.run(for: .seconds(20))
        }
        #expect(files.map { scene.held(1, $0) } == [1, 1, 0, 0])
        let before = mesh.searches(by: 1)
        let served = mesh.served(by: 0) + mesh.served(by: 2)
        mesh.run(for: .seconds(3 * 3_600))
        #expect(files.map { scene.held(1, $0) } == [1, 1, 0, 0])
        #expect(mesh.served(by: 0) + mesh.served(by: 2) == served)
        #expect((1...40).contains(mesh.searches(by: 1) - before), "\(mesh.searches(by: 1))")
        mesh.limitShelf(of: 1, to: 900_000)
        mesh.run(for: .seconds(2_000))
        #expect(files.map { scene.held(1, $0) } == [1, 1, 1, 1])
    }
}
