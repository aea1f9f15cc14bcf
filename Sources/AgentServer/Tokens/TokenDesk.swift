package import PeerState

/// Makes tokens, for the running node and for commands beside a node that does not run.
package enum TokenDesk {
    package static let labelMax = 64

    /// - Parameter now: ms since 1970.
    /// - Errors: `tooManyTokens`, `badToken`.
    package static func make(
        _ order: TokenOrder, in book: TokenBook, now: UInt64, _ entropy: inout Entropy
    ) throws(TokenFailure) -> (text: String, row: TokenRow) {
        try add(TokenText.make(&entropy), order, to: book, now: now, &entropy)
    }

    /// The row of a token whose text is given, such as that of `--token-file`.
    package static func add(
        _ text: String, _ order: TokenOrder, to book: TokenBook, now: UInt64,
        _ entropy: inout Entropy
    ) throws(TokenFailure) -> (text: String, row: TokenRow) {
        guard TokenText.isWellFormed(text) else {
            throw TokenFailure(.badToken, "a token is pat_ and 64 hexadecimal digits")
        }
        guard order.label.utf8.count <= labelMax else {
            throw TokenFailure(.badToken, "a label has at most \(labelMax) bytes")
        }
        if let unknown = order.grant.tools?.first(where: { !MCPToolCatalog.has($0) }) {
            throw TokenFailure(.badToken, "there is no tool \(Sanitiser.name(unknown))")
        }
        guard book.liveCount(at: now) < Limits.tokensMax else {
            throw TokenFailure(
                .tooManyTokens, "\(Limits.tokensMax) tokens work; revoke one first")
        }
        let row = TokenRow(
            id: TokenText.makeID(&entropy), label: order.label, hash: book.hash(text),
            grant: order.grant, createdAt: now, expiresAt: order.life.map { now + $0 })
        return (text, row)
    }
}

extension MCPToolCatalog {
    package static func has(_ name: String) -> Bool { tools.contains { $0.name == name } }
}
