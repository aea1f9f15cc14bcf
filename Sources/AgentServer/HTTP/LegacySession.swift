import PeerState

/// One client of an older revision, across its requests and connections.
///
/// - Isolation: the server that owns it. - Source: MCP 2.4 L3, 11.
final class LegacySession {
    /// Hash of the id, in hexadecimal; the id itself is never kept.
    let key: String
    let frontEnd: MCPLegacyFrontEnd
    var access: Access
    var log = SessionLog()
    /// Whether a client has ever listened with GET.
    var hasListened = false
    var watch: ResourceWatch?
    var watching: Task<Void, Never>?
    let createdAt: UInt64
    var usedAt: UInt64
    /// What the database says about `usedAt`.
    var storedAt: UInt64

    var revision: MCPRevision { frontEnd.revision }

    init(_ key: String, _ frontEnd: MCPLegacyFrontEnd, _ access: Access, at now: UInt64) {
        self.key = key
        self.frontEnd = frontEnd
        self.access = access
        createdAt = now
        usedAt = now
        storedAt = now
    }

    init(_ row: SessionRow, _ frontEnd: MCPLegacyFrontEnd, _ access: Access) {
        key = row.key
        self.frontEnd = frontEnd
        self.access = access
        createdAt = row.createdAt
        usedAt = row.usedAt
        storedAt = row.usedAt
    }

    /// The id as it is kept: whoever reads the database cannot take a session over.
    static func key(_ id: String) -> String { Sodium.blake2b(Array(id.utf8)).hex }

    var row: SessionRow {
        SessionRow(
            key: key, principal: access.principal, detail: frontEnd.stored,
            createdAt: createdAt, usedAt: usedAt)
    }
}

/// What outlives the process of a legacy session.
///
/// - Units: ms since 1970.
struct SessionRow: Hashable, Sendable {
    let key: String
    let principal: String
    /// Revision and what the client can do.
    let detail: String
    let createdAt: UInt64
    let usedAt: UInt64
}

extension AgentStore {
    func sessions() throws(StoreFailure) -> [SessionRow] {
        try use { database throws(StoreFailure) in
            let sql: SQLText = "SELECT hash, principal, detail, created_ms, used_ms FROM sessions"
            return try database.rows(sql) {
                SessionRow(
                    key: $0.bytes(0).hex, principal: $0.text(1), detail: $0.text(2),
                    createdAt: $0.unsigned(3), usedAt: $0.unsigned(4))
            }
        }
    }

    func put(_ row: SessionRow) throws(StoreFailure) {
        guard let key = [UInt8](hex: row.key) else { return }
        try use { database throws(StoreFailure) in
            try database.run(
                "INSERT OR REPLACE INTO sessions VALUES (?1, ?2, ?3, ?4, ?5)", .blob(key),
                .text(row.principal), .text(row.detail), .unsigned(row.createdAt),
                .unsigned(row.usedAt))
        }
    }

    func removeSessions(_ keys: [String]) throws(StoreFailure) {
        try use { database throws(StoreFailure) in
            for key in keys.compactMap({ [UInt8](hex: $0) }) {
                try database.run("DELETE FROM sessions WHERE hash = ?1", .blob(key))
            }
        }
    }
}
