package import PeerState

extension AgentStore {
    /// - Errors: `corrupt` for a row that this program did not write.
    package func tokens() throws(StoreFailure) -> [TokenRow] {
        try use { database throws(StoreFailure) in
            let sql: SQLText = """
                SELECT id, label, hash, permits, created_ms, expires_ms, used_ms, revoked_ms
                FROM tokens ORDER BY created_ms, id
                """
            return try database.rows(sql) { row throws(StoreFailure) in
                TokenRow(
                    id: row.text(0), label: row.text(1), hash: row.bytes(2),
                    grant: try Self.grant(row.text(3)), createdAt: row.unsigned(4),
                    expiresAt: row.isNull(5) ? nil : row.unsigned(5),
                    lastUsedAt: row.isNull(6) ? nil : row.unsigned(6),
                    revokedAt: row.isNull(7) ? nil : row.unsigned(7))
            }
        }
    }

    private static func grant(_ text: String) throws(StoreFailure) -> TokenGrant {
        let json: JSON
        do {
            json = try JSON(parsing: Array(text.utf8))
        } catch {
            throw StoreFailure(.corrupt, "a token's grant is no JSON")
        }
        guard let grant = json.object.flatMap(TokenGrant.init) else {
            throw StoreFailure(.corrupt, "a token's grant cannot be read")
        }
        return grant
    }

    /// Writes a row, in place of the one with its id; durable on return.
    package func put(_ row: TokenRow) throws(StoreFailure) {
        try use { database throws(StoreFailure) in
            try database.run(
                "INSERT OR REPLACE INTO tokens VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
                .text(row.id), .text(row.label), .blob(row.hash),
                .text(JSON.object(row.grant.json).text), .unsigned(row.createdAt),
                row.expiresAt.map { .unsigned($0) } ?? .null,
                row.lastUsedAt.map { .unsigned($0) } ?? .null,
                row.revokedAt.map { .unsigned($0) } ?? .null)
        }
    }
}
