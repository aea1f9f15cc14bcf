package import PeerState

/// What the agent layer may ask about trust: contacts, and offers that wait for an answer.
package protocol TrustPort: Sendable {
    /// `nil` for a peer nothing here has met.
    func contact(_ peer: Peer.ID) async -> ContactSnapshot?
    /// Servers and conversations that peers offer.
    func offers() async -> [OfferSnapshot]
    /// The conversation of this node with exactly these peers.
    func conversation(with peers: [Peer.ID]) async -> Server.ID?
}

extension TrustPort {
    package func contact(_ peer: Peer.ID) async -> ContactSnapshot? { nil }
    package func offers() async -> [OfferSnapshot] { [] }
    package func conversation(with peers: [Peer.ID]) async -> Server.ID? { nil }
}

/// A server or conversation that a peer offers; accepted by the server's id.
package struct OfferSnapshot: Hashable, Sendable {
    package let server: Server.ID
    package let name: String
    package let isDirect: Bool
    package let from: Peer.ID
    package let fromName: String
}
