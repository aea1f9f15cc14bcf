package import PeerState

/// One address that others may post to, as it is kept (MCP 9.10).
///
/// - Units: ms since 1970.
package struct HookRow: Hashable, Sendable {
    /// `h_` and 26 letters of base32.
    package let id: String
    package let server: Server.ID
    package let channel: Channel.ID
    package let label: String
    /// The secret of 32 bytes, sealed, with its nonce before it.
    let sealed: [UInt8]
    package let createdAt: UInt64
    package var revokedAt: UInt64?

    /// What people may see of it.
    package var json: JSONObject {
        var object: JSONObject = [
            "id": .string(id), "label": .string(label), "server_id": .string(server.hex),
            "channel_id": .string(channel.hex), "created_at": .string(Calendar.seconds(createdAt)),
        ]
        if let revokedAt { object.append("revoked_at", .string(Calendar.seconds(revokedAt))) }
        return object
    }
}

extension HookRow {
    var stored: JSON {
        var object: JSONObject = [
            "server": .string(server.hex), "channel": .string(channel.hex),
            "label": .string(label), "created_ms": JSON(createdAt),
        ]
        if let revokedAt { object.append("revoked_ms", JSON(revokedAt)) }
        return .object(object)
    }

    init?(id: String, stored: JSON, sealed: [UInt8]) {
        guard let server = stored["server"]?.string.flatMap({ Server.ID(hex: $0) }),
            let channel = stored["channel"]?.string.flatMap({ Channel.ID(hex: $0) }),
            let label = stored["label"]?.string, let created = stored["created_ms"]?.integer
        else { return nil }
        self.init(
            id: id, server: server, channel: channel, label: label, sealed: sealed,
            createdAt: UInt64(created), revokedAt: stored["revoked_ms"]?.integer.map(UInt64.init))
    }
}

extension AgentStore {
    package func hooks() throws(StoreFailure) -> [HookRow] {
        let rows = try use { database throws(StoreFailure) in
            try database.rows("SELECT id, detail, secret FROM hooks ORDER BY id") {
                (id: $0.text(0), detail: $0.text(1), secret: $0.bytes(2))
            }
        }
        return try rows.map { row throws(StoreFailure) in
            do {
                let json = try JSON(parsing: Array(row.detail.utf8))
                if let hook = HookRow(id: row.id, stored: json, sealed: row.secret) { return hook }
            } catch {
                throw StoreFailure(.corrupt, "a webhook is no JSON")
            }
            throw StoreFailure(.corrupt, "a webhook cannot be read")
        }
    }

    /// Writes a row, in place of the one with its id; durable on return.
    func put(_ row: HookRow) throws(StoreFailure) {
        try use { database throws(StoreFailure) in
            try database.run(
                "INSERT OR REPLACE INTO hooks VALUES (?1, ?2, ?3)", .text(row.id),
                .text(row.stored.text), .blob(row.sealed))
        }
    }
}

extension Limits {
    /// `POST /hooks/ID`: bytes of a body.
    static let hookBytes = 20_480
    /// How far the clock of a sender may be off.
    static let hookClock: UInt64 = 300
    /// Webhooks that are not revoked.
    static let hooksMax = 64
}
