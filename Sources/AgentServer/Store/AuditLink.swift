package import PeerState

/// The end of the audit log: the next record names the hash of this one, so none can be taken out
/// or changed without a trace.
struct AuditLink: Hashable, Sendable {
    var number: UInt64
    var hash: [UInt8]

    static let start = AuditLink(number: 0, hash: [UInt8](repeating: 0, count: 32))

    static func last(in database: Database) throws(StoreFailure) -> AuditLink? {
        try database.first("SELECT n, hash FROM audit ORDER BY n DESC LIMIT 1") {
            AuditLink(number: $0.unsigned(0), hash: $0.bytes(1))
        }
    }

    /// The first and the last record that were kept; none before the first was written.
    static func ends(in database: Database) throws(StoreFailure) -> [AuditLink] {
        try database.rows("SELECT n, hash FROM audit_ends ORDER BY n") {
            AuditLink(number: $0.unsigned(0), hash: $0.bytes(1))
        }
    }

    /// Stores records in one transaction and drops those that are too old.
    static func append(
        _ records: [AuditRecord], after last: AuditLink?, to database: Database
    ) throws(StoreFailure) -> AuditLink {
        var link = last ?? start
        let newest = records.map(\.at).max() ?? 0
        try database.transaction { () throws(StoreFailure) in
            for record in records {
                let line = record.line(number: link.number + 1, previous: link.hash)
                link = AuditLink(number: link.number + 1, hash: Sodium.blake2b(line).bytes)
                try database.run(
                    "INSERT INTO audit VALUES (?1, ?2, ?3, ?4)", .unsigned(link.number),
                    .unsigned(record.at), .blob(link.hash),
                    .text(String(decoding: line, as: UTF8.self)))
            }
            let age = Limits.auditKeptFor.count
            try database.run(
                "DELETE FROM audit WHERE at_ms < ?1 OR n <= ?2",
                .unsigned(newest > age ? newest - age : 0),
                .integer(Int64(link.number) - Int64(Limits.auditKept)))
            try database.run("DELETE FROM audit_ends")
            try database.run(
                """
                INSERT INTO audit_ends SELECT n, hash FROM audit WHERE n IN (
                    (SELECT min(n) FROM audit), (SELECT max(n) FROM audit))
                """)
        }
        try database.checkpointIfDue()
        return link
    }
}

extension AgentStore {
    /// Reads the whole log and holds each record against the one before.
    ///
    /// - Returns: how many records are fine. - Errors: `corrupt`, naming the first that is not.
    package func checkAudit() throws(StoreFailure) -> Int {
        try use { database throws(StoreFailure) in
            let ends = try AuditLink.ends(in: database)
            var previous: AuditLink?
            var count = 0
            let sql: SQLText = "SELECT n, hash, record FROM audit ORDER BY n"
            try database.with(sql) { statement throws(StoreFailure) in
                while try statement.step() {
                    let number = statement.unsigned(0)
                    let line = Array(statement.text(2).utf8)
                    let isWhole = Sodium.blake2b(line).bytes == statement.bytes(1)
                    let follows =
                        previous.map { before in
                            before.number + 1 == number
                                && Self.previousHash(line) == before.hash.hex
                        } ?? true
                    if previous == nil { try Self.hold(number, statement.bytes(1), ends.first) }
                    guard isWhole && follows else {
                        throw StoreFailure(.corrupt, "audit record \(number) was changed")
                    }
                    previous = AuditLink(number: number, hash: statement.bytes(1))
                    count += 1
                }
            }
            try Self.hold(previous?.number, previous?.hash, ends.last)
            return count
        }
    }

    /// - Errors: `corrupt` when a record at one end of the log is not the one that was there.
    private static func hold(
        _ number: UInt64?, _ hash: [UInt8]?, _ end: AuditLink?
    ) throws(StoreFailure) {
        guard number != end?.number || hash != end?.hash else { return }
        let what = end.map { "audit record \($0.number)" } ?? "the end of the audit log"
        throw StoreFailure(.corrupt, "\(what) was taken out or changed")
    }

    private static func previousHash(_ line: [UInt8]) -> String? {
        do {
            return try JSON(parsing: line)["prev"]?.string
        } catch {
            return nil  // Then it is no record of ours, which the caller reports.
        }
    }

    /// The newest records, oldest first.
    package func auditLines(atMost count: Int) throws(StoreFailure) -> [String] {
        try use { database throws(StoreFailure) in
            try database.rows(
                "SELECT record FROM audit ORDER BY n DESC LIMIT ?1", .integer(Int64(count))
            ) { $0.text(0) }.reversed()
        }
    }
}
