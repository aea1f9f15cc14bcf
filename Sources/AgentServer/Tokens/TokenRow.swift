/// One token as it is kept: everything but the token itself.
///
/// - Units: milliseconds since 1970. - Source: MCP 9.2.
package struct TokenRow: Hashable, Sendable {
    /// What ids begin with.
    static let prefix = "t_"

    /// `t_` and 8 letters of base32.
    package var id: String
    package var label: String
    /// Keyed BLAKE2b-256 of the text of the token.
    package var hash: [UInt8]
    package var grant: TokenGrant
    package var createdAt: UInt64
    package var expiresAt: UInt64?
    package var lastUsedAt: UInt64?
    package var revokedAt: UInt64?

    package func isLive(at now: UInt64) -> Bool {
        revokedAt == nil && expiresAt.map { now < $0 } ?? true
    }

    /// What people may see of it.
    package var json: JSONObject {
        var object: JSONObject = ["id": .string(id), "label": .string(label)]
        for member in grant.json.members { object.append(member.key, member.value) }
        object.append("created_at", .string(Calendar.seconds(createdAt)))
        if let expiresAt { object.append("expires_at", .string(Calendar.seconds(expiresAt))) }
        if let lastUsedAt { object.append("last_used_at", .string(Calendar.seconds(lastUsedAt))) }
        if let revokedAt { object.append("revoked_at", .string(Calendar.seconds(revokedAt))) }
        return object
    }
}
