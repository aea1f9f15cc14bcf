import Glibc
import PeerNet
import PeerState
import PeerTesting

/// What the machine and the libraries allow: the other side of every ratio.
enum RawLimits {
    /// Ed25519 checks on every core at once: what the machine gives when it does nothing else.
    ///
    /// Not one core's rate times their number, which assumes that the second core costs the first
    /// nothing and that nobody else uses either.
    static let verify = Benchmark(name: "Ed25519 verify, every core", small: 50, large: 16_000) {
        count in
        let pool = WorkerPool.shared
        return await withTaskGroup(of: Int.self) { group in
            for number in 0..<pool.width {
                let share = count * (number + 1) / pool.width - count * number / pool.width
                group.addTask(executorPreference: pool) { verify(share) }
            }
            return await group.reduce(0, +)
        }
    }

    private static func verify(_ count: Int) -> Int {
        let key = SigningKey(seed: Array(repeating: 7, count: 32))
        let message = [UInt8](repeating: 1, count: 300)
        let signature = key.sign(message)
        var valid = 0
        for _ in 0..<count where signature.isValid(for: message, by: key.publicKey) { valid += 1 }
        return valid
    }

    /// One small row per transaction, each synced before the next begins.
    static let fullCommit = Benchmark(name: "SQLite FULL commit", small: 20, large: 2_000) {
        count in
        try Folder.with { folder in
            let database = try Database(path: folder + "/raw.db")
            try database.makeDurable()
            try database.execute("CREATE TABLE raw(id INTEGER PRIMARY KEY, value BLOB)")
            let value = [UInt8](repeating: 3, count: 400)
            for _ in 0..<count {
                try database.transaction { () throws(StoreFailure) in
                    try database.run("INSERT INTO raw(value) VALUES (?1)", .blob(value))
                }
            }
            database.close()
            return count
        }
    }

    /// To an actor on an event loop and back.
    static let hop = Benchmark(name: "executor round trip", small: 100, large: 20_000) { count in
        let loop = EventLoop()
        loop.start()
        defer { loop.stop() }
        let counter = HopCounter(loop)
        var last = 0
        for _ in 0..<count { last = await counter.next() }
        return last
    }
}

private actor HopCounter: LoopActor {
    nonisolated let loop: EventLoop
    private var value = 0

    init(_ loop: EventLoop) { self.loop = loop }

    func next() -> Int {
        value += 1
        return value
    }
}

/// A temporary folder that is gone afterwards.
enum Folder {
    static func with<Value>(_ body: (String) throws -> Value) throws -> Value {
        let folder = try LiveNodes.temporaryDirectory()
        defer { LiveNodes.remove(folder) }
        return try body(folder)
    }
}
