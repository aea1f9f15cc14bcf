import PeerNet
package import PeerState

/// A server this node asks into with a join link, until somebody there has let it in.
struct LinkJoin: Sendable {
    let server: Server.ID
    let link: Event.ID
    let claim: Signature
    let addresses: Set<String>
    /// Peers the link names: they may be asked wherever they are met.
    let named: Set<Peer.ID>
    /// Links on which an answer may come.
    var asked: Set<LinkID> = []
    /// Links asked in this round; two who are asked at once could both spend a use.
    var tried: Set<LinkID> = []
    /// The one whose answer is awaited.
    var awaited: LinkID?
    /// What peers that were asked had against it.
    var refusals: [Peer.ID: String] = [:]
    /// The admission, once a peer has shown it.
    var admission: Event.ID?
    var isAdmitted = false
    var due: Instant = .zero
    private var delay = Limits.joinRetryFirst

    /// Returns `nil` for an invite that is no link.
    init?(_ invite: Invite, for peer: Peer.ID) {
        guard let link = invite.link, let secret = invite.secret.flatMap({ LinkSecret($0) }) else {
            return nil
        }
        server = invite.server
        self.link = link
        claim = secret.claim(server: invite.server, link: link, target: peer)
        addresses = Set(invite.addresses)
        named = Set([invite.inviter] + invite.providers)
    }

    func ask(for peer: Peer.ID) -> SyncMessage {
        .joinAsk(server, SyncMessage.JoinAsk(link: link, target: peer, claim: claim))
    }

    /// Whether the peer at the other end of a link may be asked: strangers learn of no server.
    func mayAsk(_ slot: LinkSlot) -> Bool {
        guard let peer = slot.peer, refusals[peer] == nil else { return false }
        if named.contains(peer) { return true }
        return slot.isDialler && addresses.contains(slot.address)
    }

    /// Plans the next round: after 2 s, doubling to 30 s.
    mutating func plan(_ now: Instant) {
        due = now + delay
        tried = []
        awaited = nil
        delay = min(Limits.joinRetryLast, Milliseconds(delay.count * 2))
    }
}

extension Limits {
    package static let joinRetryFirst = Milliseconds.seconds(2)
    package static let joinRetryLast = Milliseconds.seconds(30)
    /// JoinAsk frames of one link that are looked at in `joinAskPeriod`.
    package static let joinAskRate = 4
    package static let joinAskPeriod = Milliseconds.seconds(10)
    /// The same of all links together, of those that name a link known here.
    package static let joinAsksTotal = 400
    /// Members who may admit and are handed somebody's request.
    package static let joinForwards = 3
    /// Addresses of other members in an invite.
    package static let inviteForeignAddresses = 4
    /// Addresses of relays in an invite.
    package static let inviteRelays = 2
}
