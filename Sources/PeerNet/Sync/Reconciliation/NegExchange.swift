import PeerState

/// One reconciliation under way on a link, or over and remembered for what may be asked about it.
struct NegExchange: Sendable {
    let server: Server.ID
    let scope: NegScope
    let salt: [UInt8]
    let reconciliation: Reconciliation
    /// Whether this side began it.
    let isOwn: Bool
    var rounds = 0
    /// Whether messages are still expected.
    var isOpen = true
    /// When the peer is too late, or the salt is forgotten.
    var due = Instant.zero
    /// What only we have and only the peer has; at most `Limits.negDifferences` each.
    private(set) var have: [NegID] = []
    var need: [NegID] = []
    /// What our names mean, once it was asked for.
    var meanings: [NegID: NegNamed.Meaning]?

    init(
        server: Server.ID, scope: NegScope, salt: [UInt8], items: [NegItem], isOwn: Bool
    ) {
        self.server = server
        self.scope = scope
        self.salt = salt
        self.isOwn = isOwn
        reconciliation = Reconciliation(
            items: NegItems(items), role: isOwn ? .initiator : .responder)
    }

    var patience: Milliseconds { isOwn ? Limits.negRoundTimeout : Limits.negSaltKept }

    mutating func take(_ step: Reconciliation.Step) {
        have += step.have.prefix(Limits.negDifferences - have.count)
        need += step.need.prefix(Limits.negDifferences - need.count)
    }
}

/// An item of an exchange and what it stands for.
struct NegNamed: Sendable {
    enum Meaning: Hashable, Sendable {
        case head(Peer.ID)
        case event(Event.ID)
    }

    let item: NegItem
    let meaning: Meaning
}
