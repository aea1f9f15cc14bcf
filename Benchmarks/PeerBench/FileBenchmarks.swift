import Foundation
import PeerNet
import PeerNode
import PeerState
import PeerTesting

/// A file between two nodes, beside the same bytes copied through one encrypted link.
enum FileBenchmarks {
    static func report(mebibytes: Int, rounds: Int) async throws {
        var raws: [Stopwatch.Reading] = []
        var fetched: [Stopwatch.Reading] = []
        var handed: [Double] = []
        for _ in 0..<rounds {
            let root = try LiveNodes.temporaryDirectory()
            defer { LiveNodes.remove(root) }
            let source = root + "/source"
            try writeSource(mebibytes, to: source)
            try warm(root, mebibytes, target: "/raw")
            raws.append(try await RawCopy.time(from: source, to: root + "/raw"))
            let times = try await nodes(root, source, mebibytes)
            handed.append(times.handedOver)
            fetched.append(times.fetched)
        }
        let size = Double(mebibytes)
        func rate(_ readings: [Stopwatch.Reading]) -> Double {
            size / Comparison.median(readings.map(\.seconds))
        }
        func processorMilliseconds(_ readings: [Stopwatch.Reading]) -> String {
            Report.ratio(Comparison.median(readings.map(\.processorSeconds)) * 1_000 / size)
        }
        show(
            "file fetched ÷ raw encrypted copy, MiB", raw: rate(raws), ours: rate(fetched),
            bar: 0.5)
        Report.line([
            "  ms of processor time a MiB, both sides", processorMilliseconds(raws),
            processorMilliseconds(fetched),
        ])
        let over = size / Comparison.median(handed)
        Report.line(["  handing the file to its node, MiB", "", Report.rate(over)])
    }

    /// Has memory ready for what either side will write: the target is there, and as much again is
    /// free. What a virtual machine gets from its host at the first touch costs ten times the copy.
    private static func warm(_ root: String, _ mebibytes: Int, target: String) throws {
        try writeSource(mebibytes, to: root + target)
        try writeSource(2 * mebibytes, to: root + "/warm")
        LiveNodes.remove(root + "/warm")
    }

    private static func writeSource(_ mebibytes: Int, to path: String) throws {
        _ = FileManager.default.createFile(atPath: path, contents: nil)
        let file = try FileHandle(forWritingTo: URL(fileURLWithPath: path))
        var entropy = Entropy.system
        let block = Data(entropy.bytes(1 << 20))
        for _ in 0..<mebibytes { try file.write(contentsOf: block) }
        try file.close()
    }

    /// Each node has a loop of its own, as in two processes.
    private static func nodes(
        _ root: String, _ source: String, _ mebibytes: Int
    ) async throws -> (handedOver: Double, fetched: Stopwatch.Reading) {
        let loops = [EventLoop(), EventLoop()]
        for loop in loops { loop.start() }
        var nodes: [Node] = []
        for (index, loop) in loops.enumerated() {
            var options = NodeOptions(dataDirectory: root + "/node\(index)")
            options.listen = "127.0.0.1:0"
            options.log = .silent
            nodes.append(try await Node.start(options, on: loop))
        }
        let place = try await NodeBenchmarks.found(nodes[0])
        try await NodeBenchmarks.join(nodes[1], place, invitedBy: nodes[0])
        var watch = Stopwatch()
        let id = try await handOver(source, to: nodes[0], place)
        let handedOver = watch.read().seconds
        _ = try await NodeBenchmarks.awaitMessages(1, on: nodes[1], place)
        try warm(root, mebibytes, target: "/got")
        watch = Stopwatch()
        try await fetch(id, from: nodes[1], to: root + "/got")
        let fetched = watch.read()
        for node in nodes { await node.stop() }
        for loop in loops { loop.stop() }
        return (handedOver, fetched)
    }

    private static func handOver(
        _ path: String, to node: Node, _ place: NodeBenchmarks.Place
    ) async throws -> FileID {
        let file = try FileHandle(forReadingFrom: URL(fileURLWithPath: path))
        let size = Int(try file.seekToEnd())
        try file.seek(toOffset: 0)
        var upload: String?
        var offset = 0
        while true {
            let bytes = Array(try file.read(upToCount: Limits.filePart) ?? Data())
            var part = UploadPart(
                principal: "bench", upload: upload, name: "file.bin", size: size, offset: offset,
                bytes: bytes, isLast: offset + bytes.count == size)
            part.limit = Limits.maxFile
            let progress = try await node.upload(part)
            upload = progress.upload
            offset += bytes.count
            guard let attachment = progress.attachment else { continue }
            var post = PostMessage(
                principal: "bench", server: place.server, channel: place.channel, text: "file")
            post.attachments = [attachment]
            let outcome = try await node.perform(.postMessage(post))
            guard let event = outcome.event else {
                throw NodeFailure(.internalError, "no message")
            }
            return FileID(message: event, position: 0)
        }
    }

    private static func fetch(_ id: FileID, from node: Node, to path: String) async throws {
        let file = try FileHandle(forWritingTo: URL(fileURLWithPath: path))
        var offset = 0
        while true {
            let part = try await node.readFile(id, at: offset, count: Limits.filePart)
            try file.write(contentsOf: Data(part.bytes))
            offset += part.bytes.count
            guard part.hasMore else { break }
        }
        try file.close()
    }
}
