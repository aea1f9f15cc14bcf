package import PeerState

/// Every webhook of a node, and the check of what is posted to one.
///
/// A check costs one HMAC, whether the webhook exists or not.
/// - Source: MCP 9.10.
package struct HookBook: Sendable {
    package private(set) var rows: [String: HookRow] = [:]
    private let key: SecretBytes
    private static let nonceBytes = 24

    /// - Parameter root: the content of `local-keys`, from which the sealing key is derived.
    package init(root: SecretBytes, rows: [HookRow] = []) {
        var copy = root.copy()
        var derived = Sodium.hash(key: copy, "peer-agent hook key").bytes
        Sodium.wipe(&copy)
        key = SecretBytes(derived)
        Sodium.wipe(&derived)
        for row in rows { put(row) }
    }

    mutating func put(_ row: HookRow) { rows[row.id] = row }

    /// Makes a webhook with a new secret.
    ///
    /// - Returns: the row, and the secret in hexadecimal, which is shown once.
    /// - Errors: `badToken` for a label that is too long or taken; `tooManyTokens`.
    func make(
        label: String, server: Server.ID, channel: Channel.ID, now: UInt64,
        _ entropy: inout Entropy
    ) throws(TokenFailure) -> (row: HookRow, secret: String) {
        let live = rows.values.filter { $0.revokedAt == nil }
        guard (1...TokenDesk.labelMax).contains(label.utf8.count) else {
            throw TokenFailure(.badToken, "a label has 1 to \(TokenDesk.labelMax) bytes")
        }
        guard !live.contains(where: { $0.label == label }) else {
            throw TokenFailure(.badToken, "another webhook has that label; choose a new one")
        }
        guard live.count < Limits.hooksMax else {
            throw TokenFailure(
                .tooManyTokens, "\(Limits.hooksMax) webhooks work; revoke one first")
        }
        let id = "h_" + Base32.encode(entropy.bytes(16))
        var secret = entropy.bytes(HMAC.keyByteCount)
        var copy = key.copy()
        defer {
            Sodium.wipe(&secret)
            Sodium.wipe(&copy)
        }
        let nonce = entropy.bytes(Self.nonceBytes)
        let sealed = Cipher.sealX(secret, key: copy, nonce: nonce, associated: Array(id.utf8))
        let row = HookRow(
            id: id, server: server, channel: channel, label: label, sealed: nonce + sealed,
            createdAt: now)
        return (row, secret.hex)
    }

    /// The webhook that a request speaks for; `nil` when it cannot prove it.
    ///
    /// - Parameters: `timestamp` seconds since 1970 as it was sent; `now` ms since 1970.
    func verified(
        _ id: String, timestamp: String, signature: String, body: [UInt8], now: UInt64
    ) -> HookRow? {
        let row = rows[id]
        var secret = row.flatMap(secret) ?? [UInt8](repeating: 0, count: HMAC.keyByteCount)
        defer { Sodium.wipe(&secret) }
        let prefix = "sha256="
        let digits = signature.hasPrefix(prefix) ? String(signature.dropFirst(prefix.count)) : ""
        let tag = [UInt8](hex: digits) ?? []
        let isRight = HMAC.isSHA256(
            tag, of: Array(timestamp.utf8) + [UInt8(ascii: ".")] + body, key: secret)
        let seconds = now / 1_000
        let isNow =
            UInt64(timestamp).map { sent in
                (sent > seconds ? sent - seconds : seconds - sent) <= Limits.hookClock
            } ?? false
        guard let row, row.revokedAt == nil, isRight, isNow else { return nil }
        return row
    }

    private func secret(_ row: HookRow) -> [UInt8]? {
        var copy = key.copy()
        defer { Sodium.wipe(&copy) }
        return Cipher.openX(
            Array(row.sealed.dropFirst(Self.nonceBytes)), key: copy,
            nonce: Array(row.sealed.prefix(Self.nonceBytes)), associated: Array(row.id.utf8))
    }
}
