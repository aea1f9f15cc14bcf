import Glibc

/// The event store of one node: one database, and outside it the high-water file and the lock.
///
/// Synchronous: `Store` runs it on its own thread, the simulator calls it directly with a database
/// in memory.
/// - Isolation: one thread at a time.
package final class StoreCore {
    let database: Database
    package let opening: StoreOpening
    private let owner: Peer.ID?
    private let highWater: HighWater?
    private var lock: ProcessLock?
    /// Set once a sync failed; from then on every commit throws it.
    private var failure: StoreFailure?
    /// Transactions that became durable; less than the number of batches when they shared some.
    package private(set) var transactions = 0

    var serverReferences: [Server.ID: Int64] = [:]
    var authorReferences: [Peer.ID: Int64] = [:]
    var channelReferences: [Channel.ID: Int64] = [:]
    var epochReferences: [Epoch.ID: Int64] = [:]
    /// The last message shown in a channel, by its reference.
    var newest: [Int64: ShownPlace] = [:]
    /// Texts of a channel, by its reference; at most `Limits.textsCounted`.
    var textCounts: [Int64: Int] = [:]
    /// No conversation is named by a higher number; `nil` = not looked up yet.
    var threadsUpTo: Int64?
    /// The same of messages that cannot be read; 0 without any.
    var sealedUpTo: Int64?
    /// Events that the open transaction stored.
    var freshPlaces: [Event.ID: TextPlace] = [:]
    var deferred = DeferredTexts()
    var tallies = UnreadTallies()
    var searchTimes = SearchTimes()

    package var instanceID: [UInt8] { opening.instanceID }

    /// Opens a database without high-water file: for simulations, tests and what is not to last.
    ///
    /// - Parameters:
    ///   - vfs: the name of a registered file system layer.
    ///   - verdict: what a high-water file would say.
    ///   - directory: which other processes are kept out of; `nil` = none.
    package init(
        path: String = ":memory:", vfs: String? = nil, verdict: HighWaterVerdict = .fine,
        lockedIn directory: DataDirectory? = nil, entropy: inout Entropy
    ) throws(StoreFailure) {
        database = try Database(path: path, vfs: vfs)
        let isNew = try Schema.prepare(database)
        opening = StoreOpening(
            instanceID: try Self.instanceID(database, &entropy), isNew: isNew, verdict: verdict)
        owner = nil
        highWater = nil
        lock = nil
        if let directory { lock = try ProcessLock(directory) }
        try database.renewLog()
    }

    /// Opens the node's database, made on first use, and keeps other processes out.
    ///
    /// - Parameters:
    ///   - owner: whose head the high-water file is compared with.
    ///   - isForRepair: opens a damaged one as well, as far as that can be done.
    ///   - locked: is called once other processes are kept out, before the database is opened.
    /// - Errors: `locked`, `cannotOpen`, `corrupt`, `newerSchema`, `foreignDatabase`, `readOnly`,
    ///   `diskFull`; nothing that was there is changed by them.
    package init(
        _ directory: DataDirectory, owner: Peer.ID, entropy: inout Entropy,
        isForRepair: Bool = false, locked: @Sendable () -> Void = {}
    ) throws(StoreFailure) {
        lock = try ProcessLock(directory)
        locked()
        try Self.prepareFile(directory)
        database = try Database(path: directory.database)
        let isNew = try Schema.prepare(database)
        let instanceID = try Self.instanceID(database, &entropy)
        let highWater = try HighWater(directory, instanceID: instanceID)
        let verdict = try Self.verdict(highWater, in: database, owner: owner)
        if verdict == .fine && highWater.image?.origin == nil {
            try highWater.settle([])
        }
        opening = StoreOpening(instanceID: instanceID, isNew: isNew, verdict: verdict)
        self.owner = owner
        self.highWater = highWater
        if isForRepair { return }
        try checkAtOpening()
        try database.renewLog()
    }

    /// Creates the file for its owner alone, and refuses one whose contents were cut away.
    private static func prepareFile(_ directory: DataDirectory) throws(StoreFailure) {
        let file = try Descriptor(opening: directory.database, O_RDWR | O_CREAT | O_NOFOLLOW)
        // SQLite would take an empty file, or one of a single byte, for a new database, and drop
        // the log beside it.
        let size = try file.status().st_size
        guard size < 512 else { return }
        guard size == 0 else {
            throw StoreFailure(
                .corrupt, "\(directory.database) has only \(size) bytes. Restore a backup.")
        }
        var wal = stat()
        let hasLog = stat(directory.database + "-wal", &wal) == 0 && wal.st_size > 0
        if hasLog || access(directory.highWater, F_OK) == 0 {
            try refuseEmptied(directory)
        }
        try Descriptor.syncDirectory(directory.path)
    }

    private static func refuseEmptied(_ directory: DataDirectory) throws(StoreFailure) {
        throw StoreFailure(
            .corrupt,
            "\(directory.database) is empty or gone, but what lies beside it is not. "
                + "Put it back from a backup, or move the directory away to begin anew.")
    }

    private static func instanceID(
        _ database: Database, _ entropy: inout Entropy
    ) throws(StoreFailure) -> [UInt8] {
        let sql: SQLText = "SELECT id FROM instance"
        if let found = try database.first(sql, decode: { $0.bytes(0) }), found.count == 16 {
            return found
        }
        let made = entropy.bytes(16)
        try database.run("INSERT OR REPLACE INTO instance VALUES (1, ?1)", .blob(made))
        return made
    }

    /// Makes a copy of a store another one, whose next opening gives it a name of its own: numbers
    /// that the first gave out mean nothing in it.
    package func disown() throws(StoreFailure) {
        try database.run("DELETE FROM instance")
    }

    /// Stores all batches in one transaction, and returns when it is on disk.
    ///
    /// - Errors: `diskFull`, `ioError`, `conflict`, `busy`: nothing was stored. `storeFailed`: it
    ///   is unknown what was stored, and every later commit is refused until a restart.
    ///
    /// - Parameter report: called when it is, before what can wait for that.
    package func commit(
        _ batches: [StoreBatch], report: () -> Void = {}
    ) throws(StoreFailure) {
        if let failure { throw failure }
        do throws(StoreFailure) {
            try perform(batches)
        } catch {
            forgetReferences()
            if error.code == .storeFailed { failure = error }
            throw error
        }
        report()
        settleIfDue()
        checkpointIfDue()
        if batches.contains(where: { !$0.erasedServers.isEmpty }) { scrub() }
    }

    private func perform(_ batches: [StoreBatch]) throws(StoreFailure) {
        if let highWater, !highWater.isDatabaseInPlace() {
            throw StoreFailure(.storeFailed, "the database file was removed or replaced")
        }
        try highWater?.reserve(Set(batches.flatMap(\.ownHeads).map(\.server)))
        try store(batches)
        transactions += 1
        do throws(StoreFailure) {
            for batch in batches {
                for server in batch.erasedServers { try highWater?.forget(server) }
                for head in batch.ownHeads { try highWater?.record(head) }
            }
        } catch {
            throw StoreFailure(.storeFailed, error.detail)
        }
    }

    private func store(_ batches: [StoreBatch]) throws(StoreFailure) {
        let texts = batches.allSatisfy(Self.canWait)
        let mustSettle = !deferred.isEmpty && (!texts || deferred.isOverfull)
        var arrived: [DeferredTexts.Item] = []
        defer { freshPlaces.removeAll(keepingCapacity: true) }
        if database.isProvisional { forgetReferences() }
        try database.transaction { () throws(StoreFailure) in
            if mustSettle { try writeDeferred() }
            for batch in batches {
                try write(batch)
                if texts { arrived += try arrive(batch.texts) } else { try apply(batch.texts) }
            }
        }
        if mustSettle { deferred.removeAll() }
        deferred.add(arrived)
    }

    /// After a transaction was rolled back: row numbers it gave went with it.
    func forgetReferences() {
        serverReferences = [:]
        authorReferences = [:]
        channelReferences = [:]
        epochReferences = [:]
        forgetShown()
        threadsUpTo = nil
        sealedUpTo = nil
        tallies.forgetAll()
    }

    /// What is known of the texts of channels, before some of them go.
    func forgetShown() {
        newest = [:]
        textCounts = [:]
    }

    /// Turns syncs on again after `settleTexts` did without; if that fails, nothing is written any
    /// more.
    func restoreSync() {
        do throws(StoreFailure) {
            try database.execute("PRAGMA synchronous = FULL")
        } catch {
            failure = StoreFailure(.storeFailed, error.detail)
        }
    }

    /// A failure costs nothing now: they go on waiting, and the next commits write them or fail.
    private func settleIfDue() {
        guard deferred.isFull else { return }
        do throws(StoreFailure) {
            try settleTexts()
        } catch {
            if error.code == .storeFailed { failure = error }
        }
    }

    /// A failure costs nothing now, as the log is complete; only a sync error ends writing.
    private func checkpointIfDue() {
        do throws(StoreFailure) {
            try database.checkpointIfDue()
        } catch {
            if error.code == .storeFailed { failure = error }
        }
    }

    /// Leaves no trace of what was erased in the log and, unless that would take seconds, in the
    /// search index. A failure costs nothing that was asked for.
    private func scrub() {
        do throws(StoreFailure) {
            let last = try database.first("SELECT max(ref) FROM texts") { $0.integer(0) } ?? 0
            if last <= Limits.scrubbedIndex {
                try database.run("INSERT INTO search(search) VALUES ('optimize')")
            }
            try database.checkpointAll()
        } catch {
            if error.code == .storeFailed { failure = error }
        }
    }

    /// Accepts the database as it is, here, as the truth: recovery has ended.
    package func settleHighWater() throws(StoreFailure) {
        if let failure { throw failure }
        guard let highWater, let owner else { return }
        try highWater.settle(try Self.ownHeads(of: owner, in: database))
    }

    /// Copies the log into the database, closes it and lets other processes in.
    ///
    /// Every later call fails as `closed`.
    /// - Errors: of the last checkpoint; it is closed all the same, and nothing committed is lost.
    package func close() throws(StoreFailure) {
        defer {
            database.close()
            lock = nil
        }
        if let failure { throw failure }
        failure = StoreFailure(.closed, "the store was closed")
        try settleTexts()
        try database.checkpointAll()
        try highWater?.sync()
    }

    /// Reads every page and index.
    ///
    /// - Errors: `corrupt`, with SQLite's first finding.
    package func check() throws(StoreFailure) {
        let finding = try database.first("PRAGMA quick_check(1)") { $0.text(0) }
        guard finding == "ok" else {
            throw StoreFailure(
                .corrupt, "\(finding ?? "no answer"). \(StoreCode.corrupt.advice)")
        }
    }

    /// Lets the database have at most `count` pages, as a quota or to act a full disk.
    package func limitPages(to count: Int) throws(StoreFailure) {
        try database.execute("PRAGMA max_page_count = \(count)")
    }

    package func pageCount() throws(StoreFailure) -> Int {
        Int(try database.first("PRAGMA page_count") { $0.integer(0) } ?? 0)
    }
}
