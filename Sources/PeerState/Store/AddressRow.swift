/// Where a peer may be reached, and what came of trying.
package struct AddressRow: Hashable, Sendable {
    package let peer: Peer.ID
    package let address: String
    /// Who told us; `nil` when it was met there.
    package var source: Peer.ID?
    /// When a link last came up there, ms since 1970; 0 = never.
    package var metMilliseconds: UInt64
    /// Failed dials since then.
    package var failures: UInt64

    package init(
        peer: Peer.ID, address: String, source: Peer.ID? = nil, metMilliseconds: UInt64 = 0,
        failures: UInt64 = 0
    ) {
        self.peer = peer
        self.address = address
        self.source = source
        self.metMilliseconds = metMilliseconds
        self.failures = failures
    }
}

/// A change of the address book.
package enum AddressChange: Hashable, Sendable {
    case keep(AddressRow)
    case forget(Peer.ID, String)
}
