package import PeerState

extension Node {
    package func contact(_ peer: Peer.ID) -> ContactSnapshot? { look { $0.contact(peer) } }
    package func offers() -> [OfferSnapshot] { look { $0.offerSnapshots() } }

    package func conversation(with peers: [Peer.ID]) -> Server.ID? {
        look { $0.conversation(of: Set(peers + [peerID]).sorted()) }
    }
}
