import PeerNet
import PeerNode
import PeerState
import PeerTesting

/// What the receiving side of ingest costs alone, without the peer that sends.
enum ReceiveBenchmark {
    /// Prepared frames are checked, put into chains and state, stored with FULL sync, decrypted and
    /// shown by a node without links; events per second.
    static let receive = Benchmark(name: "receive (check…show)", small: 50, large: 12_000) {
        try await run($0) { count, guest, place, _ in
            try await NodeBenchmarks.awaitMessages(count, on: guest, place)
        }
    }

    /// The same until everything is durable, part of the state and announced, while nobody reads;
    /// texts and search entries are written as they fall due.
    static let store = Benchmark(name: "receive (check…store)", small: 50, large: 12_000) {
        try await run($0) { count, guest, _, before in
            let last = before + UInt64(count)
            let changes = await guest.changes()
            if await guest.feedPosition() >= last { return count }
            for await _ in changes where await guest.feedPosition() >= last { break }
            return count
        }
    }

    private static func run(
        _ count: Int, until: (Int, Node, NodeBenchmarks.Place, UInt64) async throws -> Int
    ) async throws -> Int {
        let loop = EventLoop()
        loop.start()
        defer { loop.stop() }
        let root = try LiveNodes.temporaryDirectory()
        defer { LiveNodes.remove(root) }
        let (place, frames) = try await prepare(count, in: root, on: loop)
        let guest = try await Node.start(options(root, "guest"), on: loop)
        let before = await guest.feedPosition()
        let watch = Stopwatch()
        for frame in frames { await guest.take(frame, for: place.server) }
        let seen = try await until(count, guest, place, before)
        time = watch.read()
        await guest.stop()
        return seen
    }

    /// Time of the last `receive` or `store` without its preparation.
    // SAFETY: benchmarks run one at a time.
    nonisolated(unsafe) static var time = Stopwatch.Reading()

    /// A guest joins and stops; its host writes on alone. Returns that history in frames.
    private static func prepare(
        _ count: Int, in root: String, on loop: EventLoop
    ) async throws -> (NodeBenchmarks.Place, frames: [[[UInt8]]]) {
        let host = try await Node.start(options(root, "host"), on: loop)
        let guest = try await Node.start(options(root, "guest"), on: loop)
        let place = try await NodeBenchmarks.found(host)
        try await NodeBenchmarks.join(guest, place, invitedBy: host)
        await guest.stop()
        try await NodeBenchmarks.post(count, on: host, place, inFlight: 256)
        let envelopes = try await host.envelopes(of: place.server)
        await host.stop()
        return (place, frames(of: envelopes))
    }

    /// As many envelopes together as an Events frame holds.
    private static func frames(of envelopes: [[UInt8]]) -> [[[UInt8]]] {
        var frames: [[[UInt8]]] = []
        var room = 0
        for envelope in envelopes {
            if envelope.count > room {
                frames.append([])
                room = Limits.eventsFrameBytes
            }
            frames[frames.count - 1].append(envelope)
            room -= envelope.count
        }
        return frames
    }

    private static func options(_ root: String, _ name: String) -> NodeOptions {
        var options = NodeOptions(dataDirectory: root + "/" + name)
        options.displayName = name
        options.listen = "127.0.0.1:0"
        options.log = .silent
        return options
    }
}
