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
