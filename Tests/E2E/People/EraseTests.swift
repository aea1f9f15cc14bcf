import Foundation
import PeerNode
import PeerState
import PeerTesting
import Testing

/// Leaving a server together with what is stored of it (MCP 3.5, `leave_server` with `erase`).
@Suite struct EraseTests {
    private static let canary = "zephyrine"

    /// Three members; all hold a message with the canary, node 1 a file of node 0.
    private struct Scene {
        let folder: String
        let mesh: Mesh
        let server: Server.ID
        let channel: Channel.ID
        let file: PeerState.Attachment

        init(seed: UInt64) throws {
            print("seed \(seed)")
            folder = NSTemporaryDirectory() + "peer-erase-\(UUID().uuidString)"
            try FileManager.default.createDirectory(
                atPath: folder, withIntermediateDirectories: true)
            mesh = try Mesh(seed: seed, count: 3, folder: folder)
            (server, channel) = try mesh.gather()
            _ = try mesh.post(0, server, channel, "a word like \(EraseTests.canary)")
            let plain = [UInt8](repeating: 5, count: 3_000)
            file = try mesh.share(0, server, channel, plain, chunkSize: 262_144).file
            mesh.run(for: .seconds(10))
            mesh.fetch(1, file, in: server)
            mesh.run(for: .seconds(10))
        }

        func remove() {
            do { try FileManager.default.removeItem(atPath: folder) } catch {
                Issue.record("removing \(folder): \(error)")
            }
        }

        func leave(_ node: Int) throws -> Outcome {
            try mesh.act(node, .server(.leave(erases: true), in: server))
        }

        func isMember(_ node: Int, seenBy other: Int) -> Bool {
            let state = mesh.core(other).servers[server]?.state
            return state?.activeMembers.contains(mesh.peerID(node)) ?? false
        }

        func isShown(_ node: Int) -> Bool {
            mesh.core(node).serverSnapshots().contains { $0.id == server }
        }

        /// Texts follow their events: who looks for them has read the channel.
        func holdsText(_ node: Int) throws -> Bool {
            if mesh.core(node).servers[server] != nil { _ = try mesh.texts(node, server, channel) }
            let bytes = try mesh.storedBytes(node)
            return Data(bytes).range(of: Data(EraseTests.canary.utf8)) != nil
        }
    }

    @Test func `what is left goes with everything in it, and the others know`() throws {
        let scene = try Scene(seed: 140)
        defer { scene.remove() }
        let chunk = try #require(scene.file.chunks.first)
        #expect(try scene.holdsText(1))
        #expect(scene.mesh.held(1, chunk) != nil)
        let outcome = try scene.leave(1)
        #expect(outcome.kind == .applied)
        // At once for whoever looks, on the disk a moment later.
        #expect(!scene.isShown(1))
        scene.mesh.run(for: .seconds(10))
        #expect(scene.mesh.core(1).servers[scene.server] == nil)
        #expect(scene.mesh.held(1, chunk) == nil)
        #expect(try !scene.holdsText(1))
        for other in [0, 2] {
            #expect(!scene.isMember(1, seenBy: other))
            #expect(try scene.holdsText(other))
        }
        // Nothing of it comes back, from others or after a restart.
        _ = try scene.mesh.post(0, scene.server, scene.channel, "again \(Self.canary)")
        try scene.mesh.crash(1, life: 1)
        scene.mesh.run(for: .seconds(60))
        #expect(scene.mesh.core(1).servers[scene.server] == nil)
        #expect(try !scene.holdsText(1))
    }

    @Test(arguments: [false, true])
    func `nothing goes before somebody has heard of the leave, also after a restart`(
        leftBefore: Bool
    ) throws {
        let scene = try Scene(seed: 141)
        defer { scene.remove() }
        scene.mesh.partition([[0, 2], [1]])
        scene.mesh.run(for: .seconds(120))
        if leftBefore {
            _ = try scene.mesh.act(1, .server(.leave(), in: scene.server))
            #expect(try scene.leave(1).kind != .unchanged)
        } else {
            #expect(try scene.leave(1).kind == .queued)
        }
        scene.mesh.run(for: .seconds(120))
        try scene.mesh.crash(1, life: 1)
        scene.mesh.run(for: .seconds(60))
        #expect(!scene.isShown(1))
        #expect(try scene.holdsText(1))
        #expect(scene.isMember(1, seenBy: 0))
        scene.mesh.heal()
        scene.mesh.run(for: .seconds(300))
        #expect(!scene.isMember(1, seenBy: 0) && !scene.isMember(1, seenBy: 2))
        #expect(scene.mesh.core(1).servers[scene.server] == nil)
        #expect(try !scene.holdsText(1))
    }

    @Test func `who was removed or left long ago can still erase, and come back`() throws {
        let scene = try Scene(seed: 142)
        defer { scene.remove() }
        let kick = RightsChange.kick(scene.mesh.peerID(2), reason: "", lastAccepted: nil)
        _ = try scene.mesh.act(0, .rights(kick, in: scene.server, isRehearsal: false))
        _ = try scene.mesh.act(1, .server(.leave(), in: scene.server))
        scene.mesh.run(for: .seconds(30))
        for node in [1, 2] {
            #expect(scene.isShown(node))
            #expect(try scene.leave(node).kind == .applied)
            scene.mesh.run(for: .seconds(10))
            #expect(scene.mesh.core(node).servers[scene.server] == nil)
            #expect(try !scene.holdsText(node))
        }
        let invite = try scene.mesh.act(
            0,
            .invite(
                server: scene.server, recipient: scene.mesh.peerID(1), expiresAtMilliseconds: nil))
        let joined = try scene.mesh.act(1, .acceptInvite(code: invite.inviteCode ?? ""))
        #expect(joined.kind == .applied)
        scene.mesh.run(for: .seconds(120))
        // Own events from before are fetched before the next is written: no fork.
        _ = try scene.mesh.post(1, scene.server, scene.channel, "back")
        scene.mesh.run(for: .seconds(20))
        #expect(try scene.mesh.texts(0, scene.server, scene.channel).last == "back")
        #expect(scene.mesh.core(0).servers[scene.server]?.state.forks.isEmpty == true)
    }

    @Test func `whoever joins again while the copy waits to go keeps it`() throws {
        let scene = try Scene(seed: 143)
        defer { scene.remove() }
        scene.mesh.partition([[0, 2], [1]])
        scene.mesh.run(for: .seconds(120))
        _ = try scene.leave(1)
        #expect(!scene.isShown(1))
        let invite = try scene.mesh.act(
            0,
            .invite(
                server: scene.server, recipient: scene.mesh.peerID(1), expiresAtMilliseconds: nil))
        scene.mesh.heal()
        _ = try scene.mesh.act(1, .acceptInvite(code: invite.inviteCode ?? ""))
        scene.mesh.run(for: .seconds(300))
        #expect(scene.isShown(1))
        #expect(try scene.holdsText(1))
    }
}
