import AgentServer
import PeerNet
import PeerState

/// The token with which a client of this machine reaches HTTP, kept in a file of its owner.
///
/// - Source: MCP 9.2.
enum StartToken {
    /// Reads the file, or makes it, and sees to it that the token in it works.
    ///
    /// - Errors: `keyExposed`, `keyUnusable` for the file; `badToken` for a revoked token.
    static func settle(
        at path: String, _ grant: TokenGrant, _ book: TokenBook, _ store: AgentStore, _ log: Log
    ) async throws {
        var entropy = Entropy.system
        let text: String
        if let found = try TokenFile.read(path) {
            text = found
        } else {
            text = TokenText.make(&entropy)
            try TokenFile.create(path, text)
            log.log(.info, "made a token in \(path)")
        }
        let now = SystemClock.wallMilliseconds()
        let hash = book.hash(text)
        guard var row = book.rows.first(where: { $0.hash == hash }) else {
            let order = TokenOrder(label: "run", grant: grant, life: nil)
            let made = try TokenDesk.add(text, order, to: book, now: now, &entropy)
            return try await store.put(made.row)
        }
        guard row.revokedAt == nil else {
            throw TokenFailure(
                .badToken, "the token in \(path) was revoked; remove the file to get another")
        }
        guard row.label == "run", row.grant != grant else { return }
        row.grant = grant
        try await store.put(row)
    }
}
