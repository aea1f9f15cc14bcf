import Glibc
package import PeerState

/// What the agent's side must not forget: tokens, legacy sessions and the audit log.
///
/// A database of its own beside the node's, on a thread of its own, so that an audit record never
/// waits behind a commit of the log, nor the log behind it. The owner calls `close`.
/// - Isolation: its own thread.
package actor AgentStore {
    private let executor: StoreExecutor
    private let database: Database
    private let audit = Locked(AuditInbox())
    private var isClosed = false

    /// Records that wait for the disk.
    private struct AuditInbox {
        var waiting: [AuditRecord] = []
        var isAnnounced = false
        var failure: StoreFailure?
        var last: AuditLink?
    }

    package nonisolated var unownedExecutor: UnownedSerialExecutor {
        executor.asUnownedSerialExecutor()
    }

    private init(_ database: sending Database) {
        executor = StoreExecutor()
        self.database = database
    }

    /// Opens `agent.db` of a data directory on the calling thread.
    ///
    /// - Precondition: the caller holds the lock of the directory.
    /// - Errors: those of `Database` and `Schema`.
    package static func open(_ directory: DataDirectory) throws(StoreFailure) -> AgentStore {
        let path = directory.path + "/agent.db"
        let file = Glibc.open(path, O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0o600)
        guard file >= 0 else {
            throw StoreFailure(.cannotOpen, "\(path): error \(errno)")
        }
        Glibc.close(file)
        return try open(path: path)
    }

    /// - Parameter path: of the file, or `:memory:`.
    package static func open(path: String) throws(StoreFailure) -> AgentStore {
        let database = try Database(path: path)
        _ = try Schema.prepare(database, migrations: AgentSchema.migrations)
        let last = try AuditLink.last(in: database)
        let store = AgentStore(database)
        store.audit.withLock { $0.last = last }
        return store
    }

    package nonisolated func close() async throws(StoreFailure) {
        let result = await finish()
        executor.stop()
        try result.get()
    }

    private func finish() -> Result<Void, StoreFailure> {
        guard !isClosed else { return .success(()) }
        writeAudit()
        isClosed = true
        do throws(StoreFailure) {
            try database.checkpointAll()
            database.close()
            return .success(())
        } catch {
            database.close()
            return .failure(error)
        }
    }

    /// Runs `body` on the store's thread.
    package func use<Value: Sendable>(
        _ body: @Sendable (Database) throws(StoreFailure) -> Value
    ) throws(StoreFailure) -> Value {
        guard !isClosed else { throw StoreFailure(.closed, "the store was closed") }
        let value = try body(database)
        try database.checkpointIfDue()
        return value
    }

    func begin(_ path: String) throws(StoreFailure) -> DatabaseCopy {
        guard !isClosed else { throw StoreFailure(.closed, "the store was closed") }
        return try database.beginCopy(to: path)
    }

    /// Returns once the thread and the database answered: for health reports.
    package func ping() throws(StoreFailure) {
        _ = try use { database throws(StoreFailure) in
            try database.first("SELECT 1") { $0.integer(0) }
        }
    }
}

// The audit log.
extension AgentStore {
    /// Why records cannot be kept any more; `nil` = all is well.
    package nonisolated var auditFailure: StoreFailure? { audit.withLock { $0.failure } }

    /// Hands a record over without waiting.
    ///
    /// - Bound: `Limits.auditWaiting`; above it the log counts as failed until it has caught up.
    package nonisolated func append(_ record: AuditRecord) {
        let mustAnnounce = audit.withLock { inbox in
            if inbox.waiting.count < Limits.auditWaiting {
                inbox.waiting.append(record)
            } else {
                inbox.failure = StoreFailure(.busy, "too many audit records wait for the disk")
            }
            defer { inbox.isAnnounced = true }
            return !inbox.isAnnounced
        }
        guard mustAnnounce else { return }
        executor.enqueue { self.assumeIsolated { $0.writeAudit() } }
    }

    func writeAudit() {
        let (records, last) = audit.withLock { inbox in
            inbox.isAnnounced = false
            return (inbox.waiting, inbox.last)
        }
        guard !records.isEmpty, !isClosed else { return }
        do throws(StoreFailure) {
            let link = try AuditLink.append(records, after: last, to: database)
            audit.withLock { inbox in
                // What cannot be written now is tried again with the next record.
                inbox.waiting.removeFirst(records.count)
                inbox.last = link
                inbox.failure = nil
            }
        } catch {
            audit.withLock { $0.failure = error }
        }
    }
}

extension Limits {
    package static let auditWaiting = 10_000
    package static var auditKept: Int { OperatorLimit.auditRecords.value }
    package static var auditKeptFor: Milliseconds { .days(OperatorLimit.auditDays) }
}
