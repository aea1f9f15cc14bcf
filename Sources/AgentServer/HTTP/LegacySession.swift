package import PeerState

/// One client of an older revision, across its requests and connections.
///
/// - Isolation: the server that owns it. - Source: MCP 2.4 L3, 11.
final class LegacySession {
    /// Hash of the id, in hexadecimal; the id itself is never kept.
    let key: String
    var frontEnd: MCPLegacyFrontEnd
    var access: Access
    var log = SessionLog()
    /// The replies that hold its streams, by the numbers of the streams.
    var attached: [Int: UInt64] = [:]
    /// Whether a client has ever listened with GET.
    var hasListened = false
    /// Resources whose changes the client is told.
    var subscriptions: Set<String> = []
    var listener: Listener?
    var listening: Task<Void, Never>?
    /// Whether an earlier process began it.
    let isRestored: Bool
    let createdAt: UInt64
    var usedAt: UInt64
    /// What the database says about `usedAt`.
    var storedAt: UInt64

    var revision: MCPRevision { frontEnd.revision }

    init(_ key: String, _ frontEnd: MCPLegacyFrontEnd, _ access: Access, at now: UInt64) {
        self.key = key
        self.frontEnd = frontEnd
        self.access = access
        isRestored = false
        createdAt = now
        usedAt = now
        storedAt = now
    }

    /// Goes on with a session of an earlier process; `nil` when its row cannot be read.
    init?(_ row: SessionRow, _ access: Access) {
        guard let frontEnd = MCPLegacyFrontEnd(stored: row.detail) else { return nil }
        key = row.key
        let uris = row.detail["subscriptions"]?.array ?? []
        subscriptions = Set(uris.compactMap(\.string))
        self.frontEnd = frontEnd
        self.access = access
        isRestored = true
        createdAt = row.createdAt
        usedAt = row.usedAt
        storedAt = row.usedAt
    }

    /// The id as it is kept: whoever reads the database cannot take a session over.
    static func key(_ id: String) -> String { Sodium.blake2b(Array(id.utf8)).hex }

    var row: SessionRow {
        var detail = frontEnd.stored
        if !subscriptions.isEmpty {
            detail.append("subscriptions", JSON(subscriptions.sorted()))
        }
        return SessionRow(
            key: key, principal: access.principal, detail: detail,
            createdAt: createdAt, usedAt: usedAt)
    }
}

/// What outlives the process of a legacy session.
///
/// - Units: ms since 1970.
struct SessionRow: Hashable, Sendable {
    let key: String
    let principal: String
    /// Revision, what the client can do, and what it subscribed to.
    let detail: JSONObject
    let createdAt: UInt64
    let usedAt: UInt64
}

extension AgentStore {
    func sessions() throws(StoreFailure) -> [SessionRow] {
        try use { database throws(StoreFailure) in
            let sql: SQLText = "SELECT hash, principal, detail, created_ms, used_ms FROM sessions"
            return try database.rows(sql) {
                SessionRow(
                    key: $0.bytes(0).hex, principal: $0.text(1), detail: Self.detail($0.text(2)),
                    createdAt: $0.unsigned(3), usedAt: $0.unsigned(4))
            }
        }
    }

    /// Of what cannot be read nothing is left, and such a session is not restored.
    private static func detail(_ text: String) -> JSONObject {
        do {
            return try JSON(parsing: Array(text.utf8)).object ?? JSONObject()
        } catch {
            return JSONObject()
        }
    }

    func put(_ row: SessionRow) throws(StoreFailure) {
        guard let key = [UInt8](hex: row.key) else { return }
        try use { database throws(StoreFailure) in
            try database.run(
                "INSERT OR REPLACE INTO sessions VALUES (?1, ?2, ?3, ?4, ?5)", .blob(key),
                .text(row.principal), .text(JSON.object(row.detail).text), .unsigned(row.createdAt),
                .unsigned(row.usedAt))
        }
    }

    package func removeSessions(_ keys: [String]) throws(StoreFailure) {
        try use { database throws(StoreFailure) in
            for key in keys.compactMap({ [UInt8](hex: $0) }) {
                try database.run("DELETE FROM sessions WHERE hash = ?1", .blob(key))
                try database.run("DELETE FROM streams WHERE session = ?1", .blob(key))
                try database.run("DELETE FROM stream_frames WHERE session = ?1", .blob(key))
            }
        }
    }
}
