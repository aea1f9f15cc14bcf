package import PeerState

/// Keeps a node that may have lost own events from writing new ones under the same numbers.
///
/// - Source: PROTOCOL 5.8, F6. Blocks a server until its history was fetched from two peers (one,
///   where only one is known), or 60 s have passed and the operator has said so.
package struct Recovery: Sendable {
    package private(set) var isActive: Bool
    /// `nil` = every server.
    private let affected: Set<Server.ID>?
    private var isOverridden = false
    private var sources: [Server.ID: Set<Peer.ID>] = [:]
    private var cleared: Set<Server.ID> = []
    /// Servers that this node had ceased to be in before anybody handed back what is missing there.
    private var left: Set<Server.ID> = []
    private let since: Instant

    /// Nothing to recover.
    package init() {
        isActive = false
        affected = []
        since = .zero
    }

    /// - Parameter affected: the servers that are behind; `nil` when that is not known.
    package init(since: Instant, affected: Set<Server.ID>?) {
        isActive = true
        self.affected = affected
        self.since = since
    }

    /// `nil` asks about a server yet to be founded, which nothing can have been lost of.
    package func blocks(_ server: Server.ID?) -> Bool {
        guard !isOverridden, let server else { return false }
        if left.contains(server) { return true }
        guard isActive, affected?.contains(server) ?? true else { return false }
        return !cleared.contains(server)
    }

    /// Whether this start went back to before this node joined a server, for all that is known.
    package func mayLack(_ server: Server.ID) -> Bool { affected?.contains(server) ?? true }

    /// Nothing of a server founded just now can have been lost.
    mutating func noteFounded(_ server: Server.ID) {
        if isActive { cleared.insert(server) }
    }

    mutating func caughtUp(_ server: Server.ID, with peer: Peer.ID, knownPeers: [Peer.ID]) {
        guard isActive || left.contains(server) else { return }
        sources[server, default: []].insert(peer)
        let others = max(knownPeers.count - 1, 1)
        guard (sources[server]?.count ?? 0) >= min(2, others) else { return }
        cleared.insert(server)
        left.remove(server)
    }

    /// Ends when none of `servers` is blocked; says so once.
    ///
    /// - Parameter former: servers that nobody serves to this node any more: they hold up nothing,
    ///   and stay blocked for the case that it comes back.
    mutating func settle(
        _ servers: some Sequence<Server.ID>, former: some Sequence<Server.ID>
    ) -> Bool {
        guard isActive, !servers.contains(where: { blocks($0) }) else { return false }
        left.formUnion(former.filter { blocks($0) })
        isActive = false
        return true
    }

    /// Goes on blocking a server for which an earlier life did.
    mutating func keepBlocking(_ server: Server.ID) { left.insert(server) }

    /// The same for a memory that was read again: what was fetched may not have been stored.
    func restarted() -> Self {
        var copy = self
        copy.sources = [:]
        copy.cleared = []
        return copy
    }

    mutating func tick(_ now: Instant, overrides: Bool) {
        guard overrides, isActive || !left.isEmpty, now >= since + Limits.recoveryOverrideAfter
        else { return }
        isOverridden = true
    }
}
