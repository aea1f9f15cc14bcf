import Foundation
import PeerNet
import PeerNode
import PeerState
import PeerTesting

/// Starting on a real database with a long history.
enum RestartBenchmarks {
    static func report(count: Int) async throws {
        let root = try LiveNodes.temporaryDirectory()
        defer { LiveNodes.remove(root) }
        var store = try LargeStore(root + "/node", seed: 3, authors: 1_000)
        try store.append(count)
        let raw = try rawRead(root + "/node")
        Report.line(["reading every stored envelope once, s", "", Report.ratio(raw)])
        let first = try await start(root)
        Report.line(["start that folds \(count) events, s", "", Report.ratio(first)])
        var times: [Double] = []
        for _ in 0..<3 { times.append(try await start(root)) }
        let again = times.sorted()[1]
        Report.line([
            "start from a checkpoint, s (÷ folding, s)", Report.ratio(first),
            Report.ratio(again), Report.ratio(again / first), "< 2",
        ])
        let (answer, memory) = try child(root + "/node")
        Report.line(["the program: start → first answer, s", "", Report.ratio(answer)])
        Report.line(["resident memory, \(count) events, MB", "", Report.ratio(memory), "", "< 150"])
    }

    /// Starts a node, stops it, and returns what the start took on the processors.
    private static func start(_ root: String) async throws -> Double {
        let loop = EventLoop()
        loop.start()
        defer { loop.stop() }
        var options = NodeOptions(dataDirectory: root + "/node")
        options.listen = "127.0.0.1:0"
        options.log = .silent
        let watch = Stopwatch()
        let node = try await Node.start(options, on: loop)
        let time = watch.read().processorSeconds
        await node.stop()
        return time
    }

    private static func rawRead(_ path: String) throws -> Double {
        let database = try Database(path: try DataDirectory(preparing: path).database)
        defer { database.close() }
        let watch = Stopwatch()
        _ = try database.first("SELECT sum(length(envelope)) FROM events") { $0.integer(0) }
        return watch.read().processorSeconds
    }

    /// Seconds to the first answer, and what the program holds ten seconds later.
    private static func child(_ path: String) throws -> (Double, Double) {
        let start = SystemClock.now()
        let child = try RawChild([
            "run", "--data-dir", path, "--listen", "127.0.0.1:0", "--log-level", "error",
        ])
        try child.send(RawChild.initialize)
        try child.readLines(1)
        let seconds = NodeBenchmarks.seconds(since: start)
        sleep(10)
        let memory = StateBenchmarks.residentMegabytes(of: "\(child.processID)")
        try child.stop()
        return (seconds, memory)
    }
}
