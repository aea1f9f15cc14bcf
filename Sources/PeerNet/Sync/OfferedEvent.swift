package import PeerState

/// What the chain check of an Offer needs of one event that reads well and is signed.
package struct OfferedEvent: Hashable, Sendable {
    package var id: Event.ID
    package var proof: Event.ID?
    /// Whom it makes a member.
    package var names: [Peer.ID]

    package init(id: Event.ID, proof: Event.ID?, names: [Peer.ID]) {
        self.id = id
        self.proof = proof
        self.names = names
    }
}
