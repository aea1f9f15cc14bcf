import PeerNode
import PeerState
import PeerTesting

/// One node's store on a disk that may fail, from process to process.
final class StoreRun {
    let disk: FaultyDisk
    let script: StoreScript
    private(set) var core: StoreCore?

    init(_ course: StoreCourse, _ script: StoreScript) {
        disk = course.start.copy(seed: 1)
        self.script = script
    }

    init(_ disk: FaultyDisk, _ script: StoreScript) {
        self.disk = disk
        self.script = script
    }

    /// Opens the store as a node's start does.
    func open() throws(StoreFailure) {
        if core != nil { return }
        var entropy = Entropy.seeded(SeededRandom(seed: 77))
        let core = try disk.store(&entropy)
        try core.refill { script.shown[$0.id] ?? [] }
        self.core = core
    }

    func perform(_ act: StoreAct) throws(StoreFailure) {
        try open()
        guard let core else { return }
        guard case .reopen = act else { return try act.perform(on: core) }
        self.core = nil
        try core.close()
        try open()
    }

    /// Ends the process in this moment.
    func crash(_ fate: FaultyDisk.Fate = .kept, seed: UInt64 = 0) {
        disk.stop()
        core = nil
        disk.start(fate, seed: seed)
    }

    /// What a process would find that starts on this disk now; the disk stays as it is.
    func found(_ fate: FaultyDisk.Fate = .kept, seed: UInt64 = 0) throws -> Found {
        let other = StoreRun(disk.copy(seed: 2), script)
        other.disk.start(fate, seed: seed)
        try other.open()
        guard let core = other.core else { preconditionFailure("it was opened") }
        var findings = try core.integrity().map(\.detail)
        if findings.isEmpty { findings = try Self.unsigned(core) }
        try core.close()
        other.core = nil
        let content = try StoreContent(other.disk)
        return Found(
            content: content, findings: findings,
            isOneState: try script.isOneState(content, other.disk))
    }

    /// Events whose signature is none: their id says nothing of it, so the doctor looks, too.
    private static func unsigned(_ core: StoreCore) throws -> [String] {
        var found: [String] = []
        for server in try core.loadServers() {
            try core.forEachEvent(of: server) { row in
                let envelope = try Envelope(decoding: row.envelope)
                if !envelope.isSigned(by: row.author) { found.append("event \(row.id.short)") }
            }
        }
        return found
    }

    struct Found {
        let content: StoreContent
        let findings: [String]
        /// Whether checkpoint and tail give the state that all events give.
        let isOneState: Bool
    }
}
