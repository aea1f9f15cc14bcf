import Foundation
import PeerNet
import PeerNode
import PeerState
import PeerTesting
import Testing

/// Files through whole nodes on real sockets, threads and disks.
@Suite(.serialized) struct FileTests {
    private struct Place {
        let server: Server.ID
        let channel: Channel.ID
    }

    private func content(_ count: Int) -> [UInt8] {
        (0..<count).map { UInt8(truncatingIfNeeded: $0 &* 31 &+ $0 >> 8) }
    }

    private func found(_ host: Node) async throws -> Place {
        let created = try await host.perform(.createServer(name: "Harbour", description: ""))
        return Place(
            server: try #require(created.server), channel: try #require(created.channel))
    }

    private func join(_ guest: Node, _ place: Place, _ host: Node) async throws {
        let invite = try await host.perform(
            .invite(server: place.server, recipient: guest.peerID, expiresAtMilliseconds: nil))
        let joined = try await guest.perform(.acceptInvite(code: invite.inviteCode ?? ""))
        #expect(joined.kind == .applied)
    }

    private func part(
        _ bytes: ArraySlice<UInt8>, of size: Int, name: String? = "notes.bin",
        upload: String? = nil
    ) -> UploadPart {
        UploadPart(
            principal: "a", upload: upload, name: upload == nil ? name : nil,
            size: upload == nil ? size : nil, offset: bytes.startIndex, bytes: Array(bytes),
            isLast: bytes.endIndex == size)
    }

    private func hand(_ bytes: [UInt8], to node: Node) async throws -> PeerState.Attachment {
        var upload: String?
        var file: PeerState.Attachment?
        for start in stride(from: 0, to: bytes.count, by: Limits.filePart) {
            let slice = bytes[start..<min(start + Limits.filePart, bytes.count)]
            let progress = try await node.upload(part(slice, of: bytes.count, upload: upload))
            upload = progress.upload
            file = progress.attachment
            #expect(progress.received == slice.endIndex)
        }
        return try #require(file)
    }

    private func post(_ file: PeerState.Attachment, _ node: Node, _ place: Place) async throws
        -> FileID
    {
        var post = PostMessage(
            principal: "a", server: place.server, channel: place.channel, text: "see this")
        post.attachments = [file]
        let outcome = try await node.perform(.postMessage(post))
        return FileID(message: try #require(outcome.event), position: 0)
    }

    private func read(_ id: FileID, from node: Node) async throws -> [UInt8] {
        var bytes: [UInt8] = []
        while true {
            let part = try await node.readFile(id, at: bytes.count, count: Limits.filePart)
            bytes += part.bytes
            guard part.hasMore else { return bytes }
        }
    }

    private func wait(for message: Event.ID, on node: Node) async throws {
        let filter = WaitFilter(principal: "b")
        var feed: UInt64 = 0
        while true {
            let isThere = try await node.waitForNews(
                after: feed, filter: filter, timeout: .seconds(20))
            try #require(isThere)
            let news = await node.news(after: feed, filter: filter, limit: 100)
            if news.contains(where: { $0.id == message }) { return }
            feed = news.last?.feed ?? feed
        }
    }

    @Test func `a file handed over in parts is read whole by another node`() async throws {
        try await LiveNodes.with(2) { nodes in
            let place = try await found(nodes[0])
            try await join(nodes[1], place, nodes[0])
            let bytes = content(1_700_000)
            let id = try await post(try await hand(bytes, to: nodes[0]), nodes[0], place)
            try await wait(for: id.message, on: nodes[1])
            let message = try await nodes[1].message(id.message)
            #expect(message.files.map(\.name) == ["notes.bin"])
            #expect(message.files.map(\.size) == [bytes.count])
            #expect(message.text == "see this")
            #expect(try await read(id, from: nodes[1]) == bytes)
            let last = try await nodes[1].readFile(id, at: bytes.count - 1, count: 10)
            #expect(last.isLocal && last.bytes.count == 1)
            let edited = try await nodes[0].perform(
                .content(
                    .edit(text: "see that"), on: id.message, in: place.server, principal: "a"))
            #expect(edited.kind == .applied)
            #expect(try await nodes[0].message(id.message).files.count == 1)
            _ = try await nodes[0].perform(
                .content(
                    .delete(reason: ""), on: id.message, in: place.server, principal: "a"))
            await #expect(throws: NodeFailure.self) { try await nodes[0].file(id) }
        }
    }

    @Test func `readers of one file at once all read it whole, from the middle too`() async throws {
        try await LiveNodes.with(2) { nodes in
            let place = try await found(nodes[0])
            try await join(nodes[1], place, nodes[0])
            let bytes = content(1_900_000)
            let id = try await post(try await hand(bytes, to: nodes[0]), nodes[0], place)
            try await wait(for: id.message, on: nodes[1])
            let guest = nodes[1]
            let end = bytes.count - 300_000
            async let tail = guest.readFile(id, at: end, count: Limits.filePart)
            async let first = read(id, from: guest)
            async let second = read(id, from: guest)
            #expect(try await first == bytes)
            #expect(try await second == bytes)
            let part = try await tail
            #expect(part.bytes == Array(bytes[end..<end + part.bytes.count]))
            #expect(try await read(id, from: guest) == bytes)
        }
    }

    @Test func `a file that is not what its message says is refused at its end, each time`()
        async throws
    {
        try await LiveNodes.with(2) { nodes in
            let place = try await found(nodes[0])
            try await join(nodes[1], place, nodes[0])
            let bytes = content(900_000)
            let file = try await hand(bytes, to: nodes[0])
            let lie = PeerState.Attachment(
                name: file.name, mediaType: file.mediaType, shape: file.shape, key: file.key,
                prefix: file.prefix, chunks: file.chunks, digest: Sodium.blake2b([1]))
            let lying = try await post(lie, nodes[0], place)
            let right = try await post(file, nodes[0], place)
            try await wait(for: right.message, on: nodes[1])
            for node in [nodes[1], nodes[0], nodes[1]] {
                let failure = await #expect(throws: NodeFailure.self) {
                    try await read(lying, from: node)
                }
                #expect(failure?.code == .badBlob)
                #expect(try await read(right, from: node) == bytes)
            }
        }
    }

    @Test func `S-184 what cannot be a file is refused at the first part`() async throws {
        try await LiveNodes.with(1) { nodes in
            let node = nodes[0]
            func refusal(_ change: (inout UploadPart) -> Void) async -> NodeCode? {
                var part = self.part([1, 2, 3][...], of: 3)
                change(&part)
                do {
                    _ = try await node.upload(part)
                    return nil
                } catch {
                    return (error as? NodeFailure)?.code
                }
            }
            #expect(
                await refusal {
                    $0.size = 0; $0.bytes = []
                } == .invalidArgument)
            #expect(await refusal { $0.size = Limits.fileSize + 1 } == .tooLarge)
            #expect(await refusal { $0.size = 2 } == .tooLarge)
            #expect(await refusal { $0.offset = 7 } == .conflict)
            #expect(await refusal { $0.upload = "none" } == .unknownFile)
            #expect(await refusal { $0.mediaType = "image/png" } == .invalidArgument)
            #expect(await refusal { $0.mediaType = "a b" } == .invalidArgument)
            for name in [
                "a/b", "..", "a\u{0}", "a\nb", "\u{202E}a", String(repeating: "n", count: 256),
            ] {
                #expect(await refusal { $0.name = name } == .badText, "\(name.debugDescription)")
            }
            #expect(await refusal { $0.name = String(repeating: "é", count: 128) } == .badText)
            #expect(await refusal { _ in } == nil)
        }
    }

    @Test func `S-237 an upload goes on after a restart, and damage on disk is not handed out`()
        async throws
    {
        let loop = EventLoop()
        loop.start()
        let root = try LiveNodes.temporaryDirectory()
        defer { LiveNodes.remove(root) }
        var options = NodeOptions(dataDirectory: root + "/node")
        options.listen = nil
        options.log = .silent
        let bytes = content(900_000)
        var node = try await Node.start(options, on: loop)
        let place = try await found(node)
        let first = try await node.upload(part(bytes[..<262_144], of: bytes.count))
        let second = try await node.upload(
            part(bytes[262_144..<400_000], of: bytes.count, upload: first.upload))
        #expect(second.received == 400_000)
        await node.stop()

        node = try await Node.start(options, on: loop)
        let resumed = node
        let failure = await #expect(throws: NodeFailure.self) {
            try await resumed.upload(
                part(bytes[400_000..<500_000], of: bytes.count, upload: first.upload))
        }
        #expect(failure?.code == .conflict)
        #expect(failure?.detail.contains("go on at 262144") == true)
        var file: PeerState.Attachment?
        for range in [262_144..<524_288, 524_288..<786_432, 786_432..<900_000] {
            let progress = try await node.upload(
                part(bytes[range], of: bytes.count, upload: first.upload))
            file = progress.attachment
        }
        let whole = try #require(file)
        let id = try await post(whole, node, place)
        await node.closeUpload(first.upload, principal: "a")
        #expect(try await read(id, from: node) == bytes)
        await node.stop()

        let damaged = root + "/node/blobs/" + whole.chunks[1].hex
        var stored = Array(try Data(contentsOf: URL(fileURLWithPath: damaged)))
        stored[1_000] ^= 1
        try Data(stored).write(to: URL(fileURLWithPath: damaged))
        node = try await Node.start(options, on: loop)
        let beginning = try await node.readFile(id, at: 0, count: 100)
        #expect(beginning.bytes == Array(bytes[..<100]))
        let last = node
        let refused = await #expect(throws: NodeFailure.self) {
            try await last.readFile(id, at: 262_144, count: 100)
        }
        #expect(refused?.code == .offline || refused?.code == .timeout)
        #expect(!FileManager.default.fileExists(atPath: damaged))
        let names = try FileManager.default.contentsOfDirectory(atPath: root + "/node/blobs")
        #expect(names.allSatisfy { Chunk.ID(hex: $0) != nil })
        await node.stop()
        loop.stop()
    }

    @Test func `a provider keeps what it has, leaves what has no place, and misses what it lost`()
        async throws
    {
        let loop = EventLoop()
        loop.start()
        let root = try LiveNodes.temporaryDirectory()
        defer { LiveNodes.remove(root) }
        var options = NodeOptions(dataDirectory: root + "/host")
        options.listen = "127.0.0.1:0"
        options.log = .silent
        let host = try await Node.start(options, on: loop)
        let place = try await found(host)
        options.dataDirectory = root + "/worker"
        options.isProvider = true
        options.blobCache = 600_000
        options.peers = ["\(host.peerID.hex)@\(await host.connection().listening[0])"]
        var worker = try await Node.start(options, on: loop)
        _ = try await host.perform(.authorizeWorker(worker.peerID, in: place.server))
        for number in 0..<4 {
            let bytes = content(200_000 + number)
            _ = try await post(try await hand(bytes, to: host), host, place)
            if number < 2 { try await waitUntilKept(UInt64(number + 1), by: worker) }
        }
        // Nothing goes for what came later, not when all is tidied either.
        await worker.tidyFiles()
        let folder = root + "/worker/blobs"
        let kept = try FileManager.default.contentsOfDirectory(atPath: folder).sorted()
        #expect(kept.count == 2)
        await worker.stop()

        let lost = folder + "/" + kept[0]
        try FileManager.default.removeItem(atPath: lost)
        options.blobCache = nil
        worker = try await Node.start(options, on: loop)
        await worker.tidyFiles()
        // The one that was lost and the two that had no place.
        try await waitUntilKept(3, by: worker)
        let now = try FileManager.default.contentsOfDirectory(atPath: folder)
        #expect(now.count == 4 && now.contains(kept[0]))
        await worker.stop()
        await host.stop()
        loop.stop()
    }

    /// Until a provider has fetched so many chunks since its start.
    private func waitUntilKept(_ count: UInt64, by worker: any AgentPort) async throws {
        for _ in 0..<600 {
            if await worker.reach().counters[.chunksKept] == count { return }
            _ = try await worker.waitForNews(
                after: .max, filter: WaitFilter(principal: "b"), timeout: Milliseconds(50))
        }
        Issue.record("never fetched")
    }

    @Test func `chunks of others go when there are too many, own ones stay`() async throws {
        let loop = EventLoop()
        loop.start()
        let root = try LiveNodes.temporaryDirectory()
        defer { LiveNodes.remove(root) }
        var options = NodeOptions(dataDirectory: root + "/host")
        options.listen = "127.0.0.1:0"
        options.log = .silent
        let host = try await Node.start(options, on: loop)
        options.dataDirectory = root + "/guest"
        options.blobCache = 600_000
        let guest = try await Node.start(options, on: loop)
        let place = try await found(host)
        try await join(guest, place, host)
        let own = try await post(
            try await hand(content(300_000), to: guest), guest, place)
        await guest.tidyFiles()
        var files: [FileID] = []
        for number in 0..<4 {
            let bytes = content(200_000 + number)
            files.append(try await post(try await hand(bytes, to: host), host, place))
            try await wait(for: files[number].message, on: guest)
            #expect(try await read(files[number], from: guest) == bytes)
        }
        let folder = root + "/guest/blobs"
        let names = try FileManager.default.contentsOfDirectory(atPath: folder)
        let sizes = try names.map { name in
            let path = folder + "/" + name
            return try FileManager.default.attributesOfItem(atPath: path)[.size] as? Int ?? 0
        }
        #expect(sizes.reduce(0, +) <= 600_000 + 300_032)
        #expect(try await guest.readFile(own, at: 0, count: 10).isLocal)
        #expect(try await guest.readFile(files[3], at: 0, count: 10).isLocal)
        // One that had to go comes again.
        #expect(try await read(files[0], from: guest) == content(200_000))
        await guest.stop()
        await host.stop()
        loop.stop()
    }
}
