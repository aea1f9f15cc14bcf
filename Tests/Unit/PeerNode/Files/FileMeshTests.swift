import PeerNet
import PeerNode
import PeerState
import PeerTesting
import Testing

/// Chunks between whole nodes on a network without sockets (SCENARIOS 8).
@Suite struct FileMeshTests {
    private static let conditions = MemoryConditions()

    private func plain(_ count: Int) -> [UInt8] {
        var random = SeededRandom(seed: 77)
        var bytes: [UInt8] = []
        bytes.reserveCapacity(count + 8)
        while bytes.count < count {
            withUnsafeBytes(of: random.next()) { bytes.append(contentsOf: $0) }
        }
        return Array(bytes.prefix(count))
    }

    /// Guests know the way to the host alone; these two get to know each other.
    private func introduce(_ node: Int, to other: Int, _ mesh: Mesh) throws {
        _ = try mesh.act(
            node, .addPeer(address: Mesh.address(other), identity: mesh.peerID(other)))
        mesh.run(for: .seconds(10))
    }

    private func settled(_ mesh: Mesh, _ node: Int, _ file: PeerState.Attachment) -> [NodeCore
        .FetchEnd?]
    {
        file.chunks.map { mesh.end(node, $0) }
    }

    @Test func `S-183 a member fetches from other holders while the author is away`() throws {
        let mesh = try Mesh(seed: 801, count: 4)
        let (server, channel) = try mesh.gather()
        try introduce(2, to: 1, mesh)
        try introduce(2, to: 3, mesh)
        let content = plain(600_000)
        let shared = try mesh.share(0, server, channel, content, chunkSize: 262_144)
        mesh.run(for: .seconds(10))
        for holder in [1, 3] {
            mesh.fetch(holder, shared.file, in: server)
            mesh.run(for: .seconds(10))
            #expect((mesh.opened(holder, shared.file) == content) as Bool)
        }
        mesh.partition([[0], [1, 2, 3]])
        mesh.run(for: .seconds(60))
        let before = mesh.served(by: 0)
        mesh.fetch(2, shared.file, in: server)
        mesh.run(for: .seconds(30))
        #expect((mesh.opened(2, shared.file) == content) as Bool)
        #expect(mesh.served(by: 0) == before)
        #expect(settled(mesh, 2, shared.file).allSatisfy { $0 == .here })
    }

    @Test func `a chunk goes on from where it stood when the link broke`() throws {
        let mesh = try Mesh(seed: 802, count: 2)
        let (server, channel) = try mesh.gather()
        let content = plain(3_000_000)
        let shared = try mesh.share(0, server, channel, content, chunkSize: 4_194_304)
        mesh.run(for: .seconds(10))
        mesh.fetch(1, shared.file, in: server)
        while mesh.served(by: 0) < 1_000_000 { guard mesh.step() else { break } }
        let cutAt = mesh.served(by: 0)
        #expect(cutAt < 2_900_000, "the cut falls into the chunk")
        mesh.cutLinks(of: 1)
        mesh.run(for: .seconds(15))
        #expect((mesh.opened(1, shared.file) == content) as Bool)
        // What was on its way is sent again, and no more than that.
        #expect(mesh.served(by: 0) < content.count + (1 << 20) + 2 * Limits.blobPage)
    }

    @Test func `S-182 H-083 wrong bytes are refused, cost the sender, and come from elsewhere`()
        throws
    {
        let mesh = try Mesh(seed: 803, count: 4)
        let (server, channel) = try mesh.gather()
        try introduce(3, to: 1, mesh)
        let content = plain(4 * 262_144)
        let shared = try mesh.share(0, server, channel, content, chunkSize: 262_144)
        mesh.run(for: .seconds(10))
        mesh.fetch(1, shared.file, in: server)
        mesh.run(for: .seconds(20))
        #expect((mesh.opened(1, shared.file) == content) as Bool)
        for chunk in shared.file.chunks {
            var wrong = try #require(mesh.held(0, chunk))
            wrong[wrong.count / 2] ^= 1
            mesh.hold(0, chunk, wrong)
        }
        mesh.fetch(3, shared.file, in: server)
        mesh.run(for: .seconds(60))
        #expect((mesh.opened(3, shared.file) == content) as Bool)
        let liar = mesh.core(3).score(of: mesh.peerID(0))
        #expect(liar < mesh.core(3).score(of: mesh.peerID(1)))
        #expect(liar < 0)
    }

    @Test func `S-182 H-083 too many and too few bytes are no chunk`() throws {
        for wrong in [[UInt8](repeating: 1, count: 100_016), [UInt8](repeating: 1, count: 20)] {
            let mesh = try Mesh(seed: 804, count: 2)
            let (server, channel) = try mesh.gather()
            let shared = try mesh.share(0, server, channel, plain(90_000), chunkSize: 262_144)
            mesh.run(for: .seconds(10))
            mesh.hold(0, shared.file.chunks[0], wrong)
            mesh.fetch(1, shared.file, in: server)
            mesh.run(for: .seconds(10))
            #expect(settled(mesh, 1, shared.file) == [.unavailable])
            #expect(mesh.held(1, shared.file.chunks[0]) == nil, "nothing partial is ever visible")
        }
    }

    @Test func `S-182 a holder that stops does not keep others from giving`() throws {
        let mesh = try Mesh(seed: 805, count: 4)
        let (server, channel) = try mesh.gather()
        try introduce(2, to: 1, mesh)
        let content = plain(6 * 262_144)
        let shared = try mesh.share(0, server, channel, content, chunkSize: 262_144)
        mesh.run(for: .seconds(10))
        mesh.fetch(1, shared.file, in: server)
        mesh.run(for: .seconds(20))
        mesh.silence(0)
        mesh.fetch(2, shared.file, in: server)
        mesh.run(for: .seconds(2))
        let early = shared.file.chunks.count { mesh.held(2, $0) != nil }
        #expect(early > 0, "the other holder gives at once")
        mesh.run(for: .seconds(60))
        #expect((mesh.opened(2, shared.file) == content) as Bool)
    }

    @Test func `what nobody waits for is not stored`() throws {
        let mesh = try Mesh(seed: 806, count: 2)
        let (server, channel) = try mesh.gather()
        let shared = try mesh.share(0, server, channel, plain(2_000_000), chunkSize: 4_194_304)
        mesh.run(for: .seconds(10))
        mesh.fetch(1, shared.file, in: server)
        while mesh.served(by: 0) < 500_000 { guard mesh.step() else { break } }
        mesh.cancel(1, shared.file)
        mesh.run(for: .seconds(30))
        #expect(mesh.held(1, shared.file.chunks[0]) == nil)
        #expect(settled(mesh, 1, shared.file) == [nil])
        #expect(mesh.core(1).blobs.isIdle)
    }

    @Test func `a deleted message takes its file with it`() throws {
        let mesh = try Mesh(seed: 807, count: 2)
        let (server, channel) = try mesh.gather()
        let shared = try mesh.share(0, server, channel, plain(10_000), chunkSize: 262_144)
        mesh.run(for: .seconds(10))
        let rows = shared.file.chunks.map {
            ChunkRow(chunk: $0, message: shared.message, server: server)
        }
        #expect(mesh.core(0).standing(of: rows).own == Set(shared.file.chunks))
        #expect(mesh.core(1).standing(of: rows).named == Set(shared.file.chunks))
        #expect(mesh.core(1).standing(of: rows).own.isEmpty)
        _ = try mesh.act(
            0, .content(.delete(reason: ""), on: shared.message, in: server, principal: "test"))
        mesh.run(for: .seconds(10))
        #expect(mesh.core(1).standing(of: rows).named.isEmpty)
        mesh.fetch(1, shared.file, in: server)
        mesh.run(for: .seconds(10))
        #expect(settled(mesh, 1, shared.file) == [.unavailable])
    }

    @Test func `S-185 who was removed gets nothing, and no hint`() throws {
        let mesh = try Mesh(seed: 808, count: 3)
        let (server, channel) = try mesh.gather()
        let shared = try mesh.share(0, server, channel, plain(10_000), chunkSize: 262_144)
        mesh.run(for: .seconds(10))
        _ = try mesh.act(
            0,
            .rights(
                .kick(mesh.peerID(2), reason: "", lastAccepted: nil), in: server,
                isRehearsal: false))
        mesh.fetch(2, shared.file, in: server)
        mesh.run(for: .seconds(60))
        #expect(mesh.held(2, shared.file.chunks[0]) == nil)
        #expect(mesh.served(by: 0) == 0)
    }

    @Test func `a peer's wants of events and of files are bounded together`() throws {
        print("seed 810")
        let mesh = try Mesh(seed: 810, count: 2)
        let (server, channel) = try mesh.gather()
        let shared = try mesh.share(0, server, channel, plain(9 * 262_144), chunkSize: 262_144)
        mesh.run(for: .seconds(10))
        mesh.silence(0)
        let visitor = try mesh.replace(1, dialling: 0)
        mesh.run(for: .seconds(5))
        func refused(_ message: SyncMessage, _ id: UInt64) throws -> Bool {
            mesh.send(message.bytes, as: 1)
            mesh.run(for: .seconds(1))
            return try visitor.recorded.contains { frame in
                guard case .reject(let reject) = try SyncMessage(decoding: frame) else {
                    return false
                }
                return reject.reference == id && reject.code == "overQuota"
            }
        }
        let ranges = [SeqRange(author: mesh.peerID(0), from: 1, to: 1)]
        for id in 1...8 {
            let events = SyncMessage.want(server, id: UInt64(100 + id), ranges, credit: 1 << 20)
            #expect(try !refused(events, UInt64(100 + id)))
            let want = BlobMessage.want(
                server, id: UInt64(id), shared.file.chunks[id], offset: 0)
            #expect(try !refused(.blob(want), UInt64(id)))
        }
        let events = SyncMessage.want(server, id: 200, ranges, credit: 1 << 20)
        #expect(try refused(events, 200))
    }

    enum Asker: CaseIterable { case member, removed, noReader }

    /// Node 2 asks frame by frame for a chunk that is there and for one that is nowhere.
    @Test(arguments: Asker.allCases)
    func `S-185 what may not be had is answered as what does not exist`(asker: Asker) throws {
        print("seed 809")
        let mesh = try Mesh(seed: 809, count: 3)
        var (server, channel) = try mesh.gather()
        if asker == .noReader {
            let role = RightsChange.createRole(name: "Keepers", permissions: [])
            let made = try mesh.act(0, .rights(role, in: server, isRehearsal: false))
            let keepers = try #require(made.event)
            var plan = ChannelPlan(name: "closed")
            plan.readers = [keepers]
            let assign = RightsChange.assign(keepers, to: mesh.peerID(0))
            _ = try mesh.act(0, .rights(assign, in: server, isRehearsal: false))
            channel = try #require(try mesh.act(0, .channel(.create(plan), in: server)).channel)
        }
        let shared = try mesh.share(0, server, channel, plain(10_000), chunkSize: 262_144)
        mesh.run(for: .seconds(10))
        if asker == .removed {
            let kick = RightsChange.kick(mesh.peerID(2), reason: "", lastAccepted: nil)
            _ = try mesh.act(0, .rights(kick, in: server, isRehearsal: false))
        }
        let visitor = try mesh.replace(2, dialling: 0)
        mesh.run(for: .seconds(5))
        try #require(visitor.isOpen)
        /// What comes back for a chunk, without the number of the question.
        func answers(_ chunk: Chunk.ID, as id: UInt64) throws -> [String] {
            let before = visitor.recorded.count
            let want = BlobMessage.want(server, id: id, chunk, offset: 0)
            mesh.send(SyncMessage.blob(want).bytes, as: 2)
            mesh.run(for: .seconds(5))
            return try visitor.recorded[before...].compactMap { frame in
                switch try SyncMessage(decoding: frame) {
                case .blob(.none(id)): "none"
                case .blob(.data(id, _, _, let total)): "data of \(total)"
                case .reject(let reject): "\(reject.code) of \(reject.reference == id)"
                default: nil
                }
            }
        }
        let real = try answers(shared.file.chunks[0], as: 1)
        let nowhere = try answers(Chunk.id(of: [1, 2, 3]), as: 3)
        #expect(nowhere.count <= 1 && !nowhere.contains { $0.hasPrefix("data") })
        #expect((real == nowhere) == (asker != .member), "\(real) and \(nowhere)")
        #expect((mesh.served(by: 0) > 0) == (asker == .member))
    }
}
