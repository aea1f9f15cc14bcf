import PeerNet
import PeerNode
import PeerState
import PeerTesting

/// Whole nodes on loopback sockets and real files, in this process.
enum NodeBenchmarks {
    /// A joiner fetches, checks, stores, folds and shows a history; events per second.
    static let ingest = Benchmark(name: "node ingest (fetch…show)", small: 50, large: 12_000) {
        count in
        var seen = 0
        try await LiveNodes.with(2) { nodes in
            let place = try await found(nodes[0])
            try await post(count, on: nodes[0], place, inFlight: 256)
            let watch = Stopwatch()
            try await join(nodes[1], place, invitedBy: nodes[0])
            seen = try await awaitMessages(count, on: nodes[1], place)
            ingestTime = watch.read()
        }
        return seen
    }

    /// Time of the last `ingest` without founding and posting.
    // SAFETY: benchmarks run one at a time.
    nonisolated(unsafe) static var ingestTime = Stopwatch.Reading()

    /// Durable sends, one after another, by a caller on the node's loop as a stdio session is.
    static let sends = Benchmark(name: "durable sends, one in flight", small: 10, large: 1_000) {
        count in
        try await LiveNodes.with(1) { nodes in
            let place = try await found(nodes[0])
            let watch = Stopwatch()
            try await Sender(nodes[0]).post(count, place)
            sendTime = watch.read()
        }
        return count
    }

    /// Durable sends by 64 callers, which share commits.
    static let groupedSends = Benchmark(
        name: "durable sends, 64 in flight", small: 64, large: 8_000
    ) { count in
        try await sendRate(count, inFlight: 64)
    }

    private static func sendRate(_ count: Int, inFlight: Int) async throws -> Int {
        try await LiveNodes.with(1) { nodes in
            let place = try await found(nodes[0])
            let watch = Stopwatch()
            try await post(count, on: nodes[0], place, inFlight: inFlight)
            sendTime = watch.read()
        }
        return count
    }

    /// Time of the last sends without starting the node.
    // SAFETY: benchmarks run one at a time.
    nonisolated(unsafe) static var sendTime = Stopwatch.Reading()

    /// Milliseconds from a send on one node to the waiting agent of another being woken.
    static func wakeUps(_ count: Int) async throws -> [Double] {
        var times: [Double] = []
        try await LiveNodes.with(2) { nodes in
            let place = try await found(nodes[0])
            try await join(nodes[1], place, invitedBy: nodes[0])
            let filter = WaitFilter(principal: "b")
            var feed = await nodes[1].feedPosition()
            for _ in 0..<count {
                let from = feed
                async let woken = nodes[1].waitForNews(
                    after: from, filter: filter, timeout: .seconds(10))
                let start = SystemClock.now()
                try await post(1, on: nodes[0], place, inFlight: 1)
                guard try await woken else { continue }
                times.append(seconds(since: start) * 1_000)
                feed = await nodes[1].feedPosition()
            }
        }
        return times.sorted()
    }

    // Steps

    struct Place: Sendable {
        let server: Server.ID
        let channel: Channel.ID
    }

    static func found(_ node: Node) async throws -> Place {
        let created = try await node.perform(.createServer(name: "Bench", description: ""))
        guard let server = created.server, let channel = created.channel else {
            throw NodeFailure(.internalError, "no server")
        }
        return Place(server: server, channel: channel)
    }

    static func join(_ node: Node, _ place: Place, invitedBy host: Node) async throws {
        let invite = try await host.perform(
            .invite(server: place.server, recipient: node.peerID, expiresAtMilliseconds: nil))
        _ = try await node.perform(.acceptInvite(code: invite.inviteCode ?? ""))
    }

    static func post(_ count: Int, on node: Node, _ place: Place, inFlight: Int) async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            for index in 0..<count {
                if index >= inFlight { try await group.next() }
                group.addTask {
                    _ = try await node.perform(.postMessage(message(index, place)))
                }
            }
            try await group.waitForAll()
        }
    }

    static func message(_ index: Int, _ place: Place) -> PostMessage {
        PostMessage(
            principal: "a", server: place.server, channel: place.channel,
            text: "message \(index) with a text of about eighty bytes, as people write")
    }

    /// Waits until `count` messages show; each wake asks again.
    static func awaitMessages(_ count: Int, on node: Node, _ place: Place) async throws -> Int {
        var feed: UInt64 = 0
        var seen = 0
        let filter = WaitFilter(principal: "b")
        while seen < count {
            guard try await node.waitForNews(after: feed, filter: filter, timeout: .seconds(60))
            else { throw NodeFailure(.timeout, "\(seen) of \(count) messages arrived") }
            let news = await node.news(after: feed, filter: filter, limit: 1_000)
            seen += news.count
            feed = news.last?.feed ?? feed
        }
        return seen
    }

    static func seconds(since start: Instant) -> Double {
        Double(max(SystemClock.now().nanoseconds - start.nanoseconds, 1)) / 1e9
    }
}

/// Writes one message after another from the loop its node lives on.
private actor Sender: LoopActor {
    nonisolated let loop: EventLoop
    private let node: Node

    init(_ node: Node) {
        loop = node.loop
        self.node = node
    }

    func post(_ count: Int, _ place: NodeBenchmarks.Place) async throws {
        for index in 0..<count {
            _ = try await node.perform(.postMessage(NodeBenchmarks.message(index, place)))
        }
    }
}
