import AgentServer
import PeerNet
import PeerState

/// The token with which a client of this machine reaches HTTP, kept in a file of its owner.
///
/// - Source: MCP 9.2.
enum StartToken {
    enum Source {
        case given(String)
        case file(String)

        var file: String? {
            if case .file(let path) = self { path } else { nil }
        }
    }

    static func source(_ http: HTTPOptions, in directory: DataDirectory) -> Source {
        if let token = http.token { return .given(token) }
        return .file(http.tokenFile ?? directory.path + "/token")
    }

    /// Takes the token, or reads or makes its file, and sees to it that it works.
    ///
    /// - Errors: `keyExposed`, `keyUnusable` for the file; `badToken` for a revoked token.
    static func settle(
        _ source: Source, _ grant: TokenGrant, _ book: TokenBook, _ store: AgentStore, _ log: Log
    ) async throws {
        var entropy = Entropy.system
        let text = try text(source, &entropy, log)
        let now = SystemClock.wallMilliseconds()
        let hash = book.hash(text)
        guard var row = book.rows.first(where: { $0.hash == hash }) else {
            let order = TokenOrder(label: TokenOrder.startLabel, grant: grant, life: nil)
            let made = try TokenDesk.add(text, order, to: book, now: now, &entropy)
            return try await store.put(made.row)
        }
        guard row.revokedAt == nil else {
            throw TokenFailure(
                .badToken,
                source.file.map { "the token in \($0) was revoked; remove the file to get another" }
                    ?? "this token was revoked; give another one")
        }
        guard row.label == TokenOrder.startLabel, row.grant != grant else { return }
        row.grant = grant
        try await store.put(row)
    }

    /// The token that a source names, made where there is none yet.
    static func text(
        _ source: Source, _ entropy: inout Entropy, _ log: Log
    ) throws -> String {
        switch source {
        case .given(let text): return text
        case .file(let path):
            if let found = try TokenFile.read(path) { return found }
            let made = TokenText.make(&entropy)
            try TokenFile.create(path, made)
            log.log(.info, "made a token in \(path)")
            return made
        }
    }
}
