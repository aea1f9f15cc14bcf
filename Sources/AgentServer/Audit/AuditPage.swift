import PeerState

/// Which records of the audit log somebody wants to see.
struct AuditQuery: Sendable {
    /// Only later ones, the oldest first; `nil` = the newest.
    var after: UInt64?
    var tool: String?
    var token: String?
    /// The outcome, or the code of what was refused.
    var outcome: String?
    var limit = Limits.auditPage

    func admits(_ record: JSON) -> Bool {
        if let tool, record["tool"]?.string != tool { return false }
        if let token, record["token_id"]?.string != token { return false }
        guard let outcome else { return true }
        let error = record["error"]
        return [record["outcome"]?.string, error?.string, error?.integer.map(String.init)]
            .contains(outcome)
    }
}

/// Some of the audit log, oldest first.
struct AuditPage: Sendable {
    var records: [JSON] = []
    /// The number up to which everything was looked at.
    var position: UInt64 = 0
    var hasMore = false

    /// Before the first record of any log.
    static let beginning = Cursor.auditPrefix + "0"

    /// The place after this page, for the next call.
    func cursor(storeTag: UInt32) -> String {
        Cursor(feed: position).text(storeTag: storeTag, prefix: Cursor.auditPrefix)
    }

    /// - Returns: `nil` for what is no cursor of this node's audit log.
    static func number(_ text: String, storeTag: UInt32) -> UInt64? {
        if text == beginning { return 0 }
        let cursor = Cursor(text, storeTag: storeTag, prefix: Cursor.auditPrefix)
        return cursor.flatMap { $0.page == .none ? $0.feed : nil }
    }
}

extension AgentStore {
    /// Reads records, after those that still wait for the disk were written.
    ///
    /// - Bound: looks at `Limits.auditScanned` records; the page says when there are more.
    func audit(_ query: AuditQuery) throws(StoreFailure) -> AuditPage {
        writeAudit()
        guard let start = query.after else { return try newest(query) }
        return try later(than: start, query)
    }

    private func later(
        than start: UInt64, _ query: AuditQuery
    ) throws(StoreFailure) -> AuditPage {
        try use { database throws(StoreFailure) in
            var page = AuditPage(position: start)
            let sql: SQLText = "SELECT n, record FROM audit WHERE n > ?1 ORDER BY n LIMIT ?2"
            var looked = 0
            try database.with(sql, [.unsigned(start), .integer(Int64(Limits.auditScanned + 1))]) {
                statement throws(StoreFailure) in
                while try statement.step() {
                    guard page.records.count < query.limit, looked < Limits.auditScanned else {
                        page.hasMore = true
                        return
                    }
                    looked += 1
                    page.position = statement.unsigned(0)
                    let record = Self.record(statement.text(1))
                    if query.admits(record) { page.records.append(record) }
                }
            }
            return page
        }
    }

    private func newest(_ query: AuditQuery) throws(StoreFailure) -> AuditPage {
        try use { database throws(StoreFailure) in
            var page = AuditPage()
            let sql: SQLText = "SELECT n, record FROM audit ORDER BY n DESC LIMIT ?1"
            try database.with(sql, [.integer(Int64(Limits.auditScanned))]) {
                statement throws(StoreFailure) in
                while try statement.step(), page.records.count < query.limit {
                    page.position = max(page.position, statement.unsigned(0))
                    let record = Self.record(statement.text(1))
                    if query.admits(record) { page.records.append(record) }
                }
            }
            page.records.reverse()
            return page
        }
    }

    /// What cannot be read any more is shown as that; `doctor` says which record it is.
    private static func record(_ text: String) -> JSON {
        do {
            return try JSON(parsing: Array(text.utf8))
        } catch {
            return ["damaged": true]
        }
    }
}

extension Limits {
    /// Records in one page that names no limit.
    static let auditPage = 50
    static let auditPageMax = 200
    /// Records that the resource shows.
    static let auditResource = 100
    /// Records that one reading looks at.
    static let auditScanned = 20_000
    /// Bytes of the records in one result.
    static let auditPageBytes = 40_000
}
