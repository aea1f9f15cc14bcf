import PeerState

/// One open link: whose it is, what is under way on it, and how much was asked lately.
struct LinkState {
    let peer: Peer.ID
    let incarnation: [UInt8]
    let isDialler: Bool
    /// By our want id.
    var wants: [UInt64: OpenWant] = [:]
    /// By the peer's want id.
    var serves: [UInt64: ServedWant] = [:]
    var sentWants = WantBudget()
    /// Whether something is to be asked for and the peer bears no more Wants for now.
    var isHeld = false
    var receivedWants = RateWindow(limit: Limits.wantsPerPeriod, period: Limits.wantPeriod)
    /// By number, ours and the peer's.
    var exchanges: [UInt64: NegExchange] = [:]
    var lastPeerExchange: UInt64 = 0
    var sentExchanges = RateWindow(limit: Limits.negExchanges, period: Limits.ownWantPeriod)
    var receivedExchanges = RateWindow(limit: Limits.negExchanges, period: Limits.wantPeriod)
    /// Answers `notMember` to this peer.
    var strangerAnswers = RateWindow(limit: Limits.refusalsPerPeriod, period: Limits.refusalPeriod)
    /// What counts against it beyond those.
    var strangerFaults = RateWindow(limit: 1, period: Milliseconds.seconds(1))
    /// The peer said `overQuota`; nothing is wanted from it before.
    var pausedUntil: Instant?
    /// Servers offered to the peer on this link.
    var offered: Set<Server.ID> = []
    /// Servers of which a former member got its lowerings on this link.
    var farewells: Set<Server.ID> = []
    /// Servers of which this node's own events were sought from a stranger on this link.
    var sought: Set<Server.ID> = []
    /// How many of our own lowerings the peer told us on this link; the maximum once it was done.
    var lowered: [Server.ID: Int] = [:]

    /// When another want may leave; nil for now, provided a place is free.
    func wantsOpen(_ now: Instant) -> Instant? {
        let paused = pausedUntil.flatMap { $0 > now ? $0 : nil }
        return [paused, sentWants.opens(now)].compactMap { $0 }.max()
    }

    /// Makes room for one more exchange of the peer.
    mutating func forgetOldExchange() {
        let theirs = exchanges.filter { !$0.value.isOwn }.keys.sorted()
        guard theirs.count >= Limits.negExchanges, let oldest = theirs.first else { return }
        exchanges[oldest] = nil
    }

    /// Whether we began an exchange that is not over.
    func isComparing(_ server: Server.ID) -> Bool {
        exchanges.values.contains { $0.server == server && $0.isOwn && $0.isOpen }
    }

    func isBusy(with server: Server.ID) -> Bool {
        wants.values.contains { $0.server == server && $0.abandonedAt == nil }
    }
}
