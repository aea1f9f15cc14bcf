package import PeerState

extension Node {
    package func contact(_ peer: Peer.ID) -> ContactSnapshot? { core.contact(peer) }
    package func offers() -> [OfferSnapshot] { core.offerSnapshots() }

    package func conversation(with peers: [Peer.ID]) -> Server.ID? {
        core.conversation(of: Set(peers + [peerID]).sorted())
    }
}
