package import PeerNode
package import PeerState

/// Contacts are no channels; conversations are there only for those who may see them.
extension ScopedPort {
    package func contact(_ peer: Peer.ID) async -> ContactSnapshot? { await base.contact(peer) }

    package func offers() async -> [OfferSnapshot] {
        let offers = await base.offers()
        return rules.direct ? offers : offers.filter { !$0.isDirect }
    }

    package func conversation(with peers: [Peer.ID]) async -> Server.ID? {
        guard rules.direct else { return nil }
        return await base.conversation(with: peers)
    }
}
