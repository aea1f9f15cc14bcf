import AgentServer
import PeerNet
import PeerNode
import PeerState

/// Finds out what is wrong with a data directory, and with `--rebuild` mends what can be.
struct DoctorCommand: Command {
    static let name = "doctor"
    static let summary = "Checks store, signatures, keys and permissions; says what helps."
    static let flags: [Flag] = [.dataDirectory, .rebuild, .json]

    private let path: String
    private let mustRebuild: Bool
    private let isJSON: Bool

    init(_ arguments: Arguments) throws(CLIFailure) {
        path = try arguments.dataDirectoryPath()
        mustRebuild = arguments.contains(.rebuild)
        isJSON = arguments.contains(.json)
    }

    func run() async throws {
        if mustRebuild {
            let (before, after) = try await rebuild()
            Log.standardError(
                before == after
                    ? "peer-agent: everything was made anew, and says what it said before"
                    : "peer-agent: everything was made anew; \(after) messages can be read, "
                        + "\(before) could before")
        }
        var doctor = Doctor(path: path)
        await doctor.examine()
        if isJSON {
            for line in doctor.report.json { try Output.line(line.text) }
        } else {
            try Output.write(doctor.report.text)
        }
        if let failure = doctor.report.failure { throw failure }
    }

    /// Makes anew what follows from events.
    ///
    /// - Returns: how many messages could be read before and after.
    private func rebuild() async throws -> (before: UInt64, after: UInt64) {
        let key = try Identity.load(at: path)
        let directory = try DataDirectory(preparing: path)
        let before = try prepare(directory, key.publicKey)
        var options = NodeOptions(dataDirectory: directory.path)
        options.identity = try Identity.path(in: path)
        options.listen = nil
        options.log = .silent
        let loop = try Descriptors.loop()
        loop.start()
        let node = try await Node.start(options, on: loop)
        await node.stop()
        var entropy = Entropy.system
        let store = try StoreCore(directory, owner: key.publicKey, entropy: &entropy)
        let after = Self.readable(store)
        try store.close()
        return (before, after)
    }

    private func prepare(_ directory: DataDirectory, _ peer: Peer.ID) throws -> UInt64 {
        var entropy = Entropy.system
        let store = try StoreCore(directory, owner: peer, entropy: &entropy, isForRepair: true)
        let before = Self.readable(store)
        let now = SystemClock.wallMilliseconds()
        for server in try store.loadServers() {
            note(
                try NodeStorage.refold(
                    server, me: peer, atMilliseconds: now, log: .silent, store))
        }
        try NodeStorage.prepareRebuild(store)
        try store.close()
        return before
    }

    /// Says what the events give, and where what was kept says something else.
    private func note(_ report: RebuildReport) {
        var text =
            "peer-agent: server \(report.server.short): \(report.events) events give state "
            + report.state.short
        if report.unusableEvents > 0 { text += ", \(report.unusableEvents) cannot be used" }
        switch report.comparison {
        case .noCheckpoint: break
        case .agrees: text += ", as before"
        case .differs(let other): text += "; it was \(other.short), which is replaced"
        case .unusable(let reason): text += "; the checkpoint was unusable: \(reason)"
        }
        Log.standardError(text)
    }

    /// 0 where even counting them is not possible any more.
    private static func readable(_ store: StoreCore) -> UInt64 {
        do {
            return try store.loadServers().reduce(0) { sum, server in
                try sum + store.channelTotals(in: server).reduce(0) { $0 + $1.lastSeq }
            }
        } catch {
            return 0
        }
    }
}
