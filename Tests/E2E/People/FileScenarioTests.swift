import Foundation
import PeerNet
import PeerNode
import PeerState
import PeerTesting
import Testing

/// Chunks that no message names any more (SCENARIOS 8).
@Suite struct FileScenarioTests {
    private static func chunks(_ folder: String) throws -> Set<String> {
        Set(try FileManager.default.contentsOfDirectory(atPath: folder))
    }

    private static let longAgo = Date(timeIntervalSince1970: 1_000_000_000)

    private static func date(_ folder: String) throws -> Date {
        let name = try #require(try chunks(folder).first)
        let found = try FileManager.default.attributesOfItem(atPath: folder + "/" + name)
        return try #require(found[.modificationDate] as? Date)
    }

    private static func date(_ folder: String, _ date: Date) throws {
        for name in try chunks(folder) {
            try FileManager.default.setAttributes(
                [.modificationDate: date], ofItemAtPath: folder + "/" + name)
        }
    }

    private static let content = (0..<300_000).map { UInt8(truncatingIfNeeded: $0 &* 31) }

    private static func options(_ root: String, _ name: String) -> NodeOptions {
        var options = NodeOptions(dataDirectory: root + "/" + name)
        options.listen = "127.0.0.1:0"
        options.log = .silent
        return options
    }

    private static func hand(
        _ bytes: [UInt8], named name: String = "plan.bin", to node: Node
    ) async throws -> PeerState.Attachment {
        var last: UploadProgress?
        for start in stride(from: 0, to: bytes.count, by: Limits.filePart) {
            let slice = bytes[start..<min(start + Limits.filePart, bytes.count)]
            last = try await node.upload(
                UploadPart(
                    principal: "a", upload: last?.upload, name: last == nil ? name : nil,
                    size: last == nil ? bytes.count : nil, offset: start, bytes: Array(slice),
                    isLast: slice.endIndex == bytes.count))
        }
        return try #require(last?.attachment)
    }

    private static func read(_ id: FileID, from node: Node) async throws -> [UInt8] {
        var bytes: [UInt8] = []
        while true {
            let part = try await node.readFile(id, at: bytes.count, count: Limits.filePart)
            bytes += part.bytes
            guard part.hasMore else { return bytes }
        }
    }

    private static func wait(
        for node: Node, until isSo: (Node) async throws -> Bool
    ) async throws {
        var changes = await node.changes().makeAsyncIterator()
        while try await !isSo(node) {
            guard await changes.next() != nil else { return }
        }
    }

    /// A guest who fetched the file, starts again with a damaged copy, and hears of its end.
    @Test func `S-237 S-186 a member's copy is mended by others, and goes with the message`()
        async throws
    {
        let loop = EventLoop()
        loop.start()
        let root = try LiveNodes.temporaryDirectory()
        defer { LiveNodes.remove(root) }
        let host = try await Node.start(Self.options(root, "host"), on: loop)
        var guest = try await Node.start(Self.options(root, "guest"), on: loop)
        let created = try await host.perform(.createServer(name: "Harbour", description: ""))
        let server = try #require(created.server)
        let invite = try await host.perform(
            .invite(server: server, recipient: guest.peerID, expiresAtMilliseconds: nil))
        _ = try await guest.perform(.acceptInvite(code: invite.inviteCode ?? ""))
        let file = try await Self.hand(Self.content, to: host)
        var post = PostMessage(
            principal: "a", server: server, channel: try #require(created.channel), text: "here")
        post.attachments = [file]
        let message = try #require(try await host.perform(.postMessage(post)).event)
        let id = FileID(message: message, position: 0)
        func isThere(_ node: Node) async -> Bool {
            do { return try await !node.message(message).isDeleted } catch { return false }
        }
        try await Self.wait(for: guest) { await isThere($0) }
        #expect(try await Self.read(id, from: guest) == Self.content)
        let folder = root + "/guest/blobs"
        let names = Set(file.chunks.map(\.hex))
        #expect(try Self.chunks(folder) == names)

        await guest.stop()
        let damaged = URL(fileURLWithPath: folder + "/" + file.chunks[0].hex)
        let whole = try Data(contentsOf: damaged)
        var bytes = Array(whole)
        bytes[1_000] ^= 1
        try Data(bytes).write(to: damaged)
        guest = try await Node.start(Self.options(root, "guest"), on: loop)
        #expect(try await Self.read(id, from: guest) == Self.content, "fetched from the host")
        #expect(try Data(contentsOf: damaged) == whole)

        let delete = ContentAct.delete(reason: "")
        _ = try await host.perform(.content(delete, on: message, in: server, principal: "a"))
        try await Self.wait(for: guest) { await !isThere($0) }
        await guest.tidyFiles()
        await guest.stop()
        try Self.date(folder, Self.longAgo)
        guest = try await Node.start(Self.options(root, "guest"), on: loop)
        await guest.tidyFiles()
        #expect(try Self.chunks(folder).isEmpty)
        await guest.stop()
        await host.stop()
        loop.stop()
    }

    @Test func `S-184 no name of a file leads out of the data directory`() async throws {
        let loop = EventLoop()
        loop.start()
        let root = try LiveNodes.temporaryDirectory()
        defer { LiveNodes.remove(root) }
        let node = try await Node.start(Self.options(root, "node"), on: loop)
        func names() throws -> Set<String> {
            Set(try FileManager.default.subpathsOfDirectory(atPath: root))
        }
        let before = try names()
        for name in [
            "../out", "/out", "../../out", "..", ".", "a/../../../out", "C:\\out", "out\u{0}.txt",
        ] {
            let failure = await #expect(throws: NodeFailure.self) {
                try await Self.hand([1, 2, 3], named: name, to: node)
            }
            #expect(failure?.code == .badText, "\(name.debugDescription)")
        }
        #expect(try names() == before)
        // What is only odd is taken, and no file is called by it.
        for name in ["..out", "~", "-rf", "out;x", "%2e%2e%2fout"] {
            _ = try await Self.hand([4, 5, 6], named: name, to: node)
        }
        let made = try names().subtracting(before)
        #expect(made.allSatisfy { $0.hasPrefix("node/") && !$0.contains("out") }, "\(made)")
        await node.stop()
        loop.stop()
    }

    @Test func `S-186 a file goes when the last message that names it is deleted`() async throws {
        let loop = EventLoop()
        loop.start()
        let root = try LiveNodes.temporaryDirectory()
        defer { LiveNodes.remove(root) }
        var options = NodeOptions(dataDirectory: root + "/node")
        options.listen = nil
        options.log = .silent
        let folder = root + "/node/blobs"
        var node = try await Node.start(options, on: loop)
        let created = try await node.perform(.createServer(name: "Harbour", description: ""))
        let server = try #require(created.server)
        let channel = try #require(created.channel)
        let bytes = (0..<300_000).map { UInt8(truncatingIfNeeded: $0 &* 31) }
        var upload: String?
        var attachment: PeerState.Attachment?
        for start in stride(from: 0, to: bytes.count, by: Limits.filePart) {
            let slice = bytes[start..<min(start + Limits.filePart, bytes.count)]
            let part = UploadPart(
                principal: "a", upload: upload, name: upload == nil ? "plan.bin" : nil,
                size: upload == nil ? bytes.count : nil, offset: start, bytes: Array(slice),
                isLast: slice.endIndex == bytes.count)
            let progress = try await node.upload(part)
            upload = progress.upload
            attachment = progress.attachment
        }
        let file = try #require(attachment)
        var messages: [Event.ID] = []
        for text in ["here it is", "once more"] {
            var post = PostMessage(
                principal: "a", server: server, channel: channel, text: text)
            post.attachments = [file]
            let outcome = try await node.perform(.postMessage(post))
            messages.append(try #require(outcome.event))
        }
        let begun = try #require(upload)
        await node.closeUpload(begun, principal: "a")
        let names = Set(file.chunks.map(\.hex))
        let today = try Self.date(folder)
        for (index, message) in messages.enumerated() {
            _ = try await node.perform(
                .content(.delete(reason: ""), on: message, in: server, principal: "a"))
            await node.tidyFiles()
            #expect(try Self.chunks(folder).isSuperset(of: names), "a while is waited")
            // The time passes while the node is stopped.
            await node.stop()
            try Self.date(folder, Self.longAgo)
            node = try await Node.start(options, on: loop)
            await node.tidyFiles()
            let isLast = index == messages.count - 1
            #expect(try Self.chunks(folder).isDisjoint(with: names) == isLast)
            #expect(try Self.chunks(folder).isSuperset(of: names) != isLast)
            if isLast { break }
            await node.stop()
            try Self.date(folder, today)
            node = try await Node.start(options, on: loop)
        }
        await node.stop()
        loop.stop()
    }
}
