import PeerNet
import PeerState

// Rights that become others while their principal is at work.
extension MCPHTTPServer {
    /// Gives a token other rights, for what it has open, too; its listeners are told.
    ///
    /// Whatever is under way ends under the rights with which it began.
    /// - Errors: those of the store.
    package func change(_ id: String, to grant: TokenGrant) async throws {
        guard var row = book.row(id), row.revokedAt == nil, row.grant != grant else { return }
        row.grant = grant
        book.put(row)
        apply(grant.access(principal: id))
        record(["event": "token_change", "principal": "owner", "token_id": .string(id)])
        try await store.put(row)
    }

    private func apply(_ access: Access) {
        for session in sessions.values where session.access.principal == access.principal {
            session.access = access
        }
        for client in clients.values where client.access?.principal == access.principal {
            client.access = access
            if case .lines(let session) = client.mode {
                session.assumeIsolated { $0.change(to: access) }
            }
        }
        pipes[access.principal]?.change(access)
        dispatcher.assumeIsolated { $0.announce(access) }
    }

    /// What a token allows the agent on standard input, from now until it ends.
    ///
    /// - Returns: `nil` for a token that is not valid.
    package func access(byToken token: String, for pipe: TokenPipe) -> Access? {
        guard case .accepted(let row) = verdict(token) else { return nil }
        usedTokens[row.id] = SystemClock.wallMilliseconds()
        pipes[row.id] = pipe
        return row.grant.access(principal: row.id)
    }

    /// Sees to it that the token of the start works and may do what the configuration says now.
    ///
    /// - Errors: `badToken`, `tooManyTokens`; those of the store.
    package func settle(start text: String, _ grant: TokenGrant) async throws {
        let hash = book.hash(text)
        if let row = book.rows.first(where: { $0.hash == hash }) {
            if row.label == TokenOrder.startLabel { try await change(row.id, to: grant) }
            return
        }
        var entropy = Entropy.system
        let order = TokenOrder(label: TokenOrder.startLabel, grant: grant, life: nil)
        let now = SystemClock.wallMilliseconds()
        let made = try TokenDesk.add(text, order, to: book, now: now, &entropy)
        book.put(made.row)
        try await store.put(made.row)
    }
}

/// How the standard streams of this process follow the token that opened them.
package struct TokenPipe: Sendable {
    let change: @Sendable (Access) -> Void
    let end: @Sendable () -> Void

    package init(
        change: @escaping @Sendable (Access) -> Void, end: @escaping @Sendable () -> Void
    ) {
        self.change = change
        self.end = end
    }
}
