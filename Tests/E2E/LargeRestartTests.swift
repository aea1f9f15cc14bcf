import Foundation
import PeerNet
import PeerNode
import PeerState
import PeerTesting
import Testing

/// S-028 and S-231: a long history and many bytes of files, opened again.
@Suite(.timeLimit(.minutes(3 * Patience.minutes))) struct LargeRestartTests {
    /// `PEER_LONG=1` takes the 100,000 of S-028, which a build without optimisation takes minutes
    /// for.
    private static let events = getenv("PEER_LONG") == nil ? 20_000 : 100_000
    private static let chunks = 200
    private static let chunkSize = 256 << 10

    private func chunk(_ number: Int) -> (id: Chunk.ID, bytes: [UInt8]) {
        var bytes = [UInt8](repeating: UInt8(number), count: Self.chunkSize)
        bytes[0] = 255
        return (Chunk.id(of: bytes), bytes)
    }

    private func run(_ root: String, _ body: (Node) async throws -> Void) async throws {
        let loop = EventLoop()
        loop.start()
        defer { loop.stop() }
        var options = NodeOptions(dataDirectory: root)
        options.listen = "127.0.0.1:0"
        options.log = .silent
        let node = try await Node.start(options, on: loop)
        do {
            try await body(node)
        } catch {
            await node.stop()
            throw error
        }
        await node.stop()
    }

    /// How a start would make its memory, and what comes out.
    private func look(
        _ root: String, _ server: Server.ID, usesCheckpoints: Bool
    ) throws -> (start: NodeStorage.Start, state: ServerState) {
        let directory = try DataDirectory(preparing: root)
        let key = try Keystore.loadIdentity(from: directory)
        var entropy = Entropy.system
        let core = try StoreCore(directory, owner: key.publicKey, entropy: &entropy)
        let stored = try NodeStorage.load(
            core, me: key.publicKey, usesCheckpoints: usesCheckpoints)
        try core.close()
        let loaded = try #require(stored.servers.first { $0.server.id == server })
        return (loaded.start, loaded.server.state)
    }

    /// Everything a channel shows, from the newest page back.
    private func readBack(
        _ channel: Channel.ID, of server: Server.ID, on node: Node
    ) async throws -> [[String]] {
        var pages: [[String]] = []
        var anchor = PageRequest.Anchor.newest
        while true {
            let page = try await node.page(
                PageRequest(server: server, channel: channel, anchor: anchor, limit: 100))
            pages.append(page.messages.map(\.text))
            guard page.hasMoreBefore, let first = page.messages.first else { return pages }
            anchor = .before(
                DisplayPosition(
                    lamport: first.lamport, author: first.author, seq: first.authorSeq))
        }
    }

    @Test func `S-028 S-231 a long history and its files are whole after a restart`() async throws {
        let root = try LiveNodes.temporaryDirectory() + "/node"
        defer { LiveNodes.remove(String(root.dropLast("/node".count))) }
        var store = try LargeStore(root, seed: 231, authors: 100)
        try store.append(Self.events)
        let shelf = try BlobShelf(folder: DataDirectory(preparing: root).blobs)
        for number in 0..<Self.chunks {
            let (id, bytes) = chunk(number)
            try shelf.write(id, bytes, nowMilliseconds: 1, waitsForDisk: false)
        }
        let server = store.history.server
        // The first start reads every event, and leaves a checkpoint.
        try await run(root) { _ in }
        #expect(try look(root, server, usesCheckpoints: true).start == .checkpoint(tail: 0))
        try store.append(300)
        let again = try look(root, server, usesCheckpoints: true)
        #expect(again.start == .checkpoint(tail: 300))
        #expect(again.state.graph.count == store.count)
        let whole = try look(root, server, usesCheckpoints: false)
        #expect(StateHash.hash(of: whole.state) == StateHash.hash(of: again.state))

        try await run(root) { node in
            for (channel, messages) in store.messages {
                let expected = messages.sorted().map(\.text)
                let pages = try await readBack(channel, of: server, on: node)
                #expect(pages.first == Array(expected.suffix(100)))
                #expect(pages.dropLast().allSatisfy { $0.count == 100 })
                let shown = Array(pages.reversed().joined())
                #expect(shown == expected, "\(shown.count) of \(expected.count)")
            }
        }
        let kept = try BlobShelf(folder: DataDirectory(preparing: root).blobs)
        #expect(kept.bytes == Self.chunks * Self.chunkSize)
        for number in 0..<Self.chunks {
            let (id, bytes) = chunk(number)
            let read = try kept.read(id, at: 0, count: Self.chunkSize, nowMilliseconds: 2)
            #expect(read == bytes, "chunk \(number)")
        }
    }
}
