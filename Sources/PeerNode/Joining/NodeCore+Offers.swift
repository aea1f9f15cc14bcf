import PeerNet
import PeerState

/// An offer of membership that a peer brought and nobody has taken yet.
struct ReceivedOffer: Sendable {
    let from: Peer.ID
    let envelopes: [[UInt8]]
    let created: ServerCreated
    let author: Peer.ID
    let until: Instant
}

/// Offers: how a server reaches somebody who does not know of it (PROTOCOL 9.1).
extension NodeCore {
    /// Shows an offer, or takes it at once where that was agreed to beforehand.
    ///
    /// A conversation with somebody this node shares a server with is such a case; of strangers and
    /// for groups the user is asked. What blocked peers offer leaves no trace.
    mutating func noteOffer(_ server: Server.ID, _ envelopes: [[UInt8]], _ from: Peer.ID) {
        guard servers[server] == nil, let first = envelopes.first,
            let event = HostedServer.decode(first, of: server),
            let created = event.body as? ServerCreated, !isBlocked(from), !isBlocked(event.author)
        else { return closeOffer(server, from) }
        let offer = ReceivedOffer(
            from: from, envelopes: envelopes, created: created, author: event.author,
            until: now.monotonic + Limits.offerLife)
        if created.isDirect && created.participants.contains(from) && knows(from) {
            closeOffer(server, from)
            return adopt(offer, server)
        }
        for (old, offer) in offers where offer.until <= now.monotonic { forgetOffer(old) }
        guard offers.count < Limits.offersTotal else { return }
        forgetOffer(server)
        offers[server] = offer
        keepOffer(offer, of: server)
        let what = created.isDirect ? "a conversation" : "membership of server \(server.hex)"
        log.log(.info, "peer \(from) offers \(what); accept_invite \(server.hex) takes it")
        change(.servers)
        acceptAsProvider(server, from: from)
    }

    mutating func closeOffer(_ server: Server.ID, _ peer: Peer.ID) {
        syncHandle(.offerClosed(server, from: peer))
    }

    /// Whether this node shares a group with an active member, so that he is no stranger.
    func knows(_ peer: Peer.ID) -> Bool {
        contacts[peer]?.isVerified == true
            || servers.values.contains { slot in
                slot.isMember && !slot.state.isDirect && slot.hasHistory
                    && slot.state.standing(of: peer) != nil
            }
    }

    /// Enters a conversation: its create event names everybody who will ever be in it.
    mutating func adopt(_ offer: ReceivedOffer, _ server: Server.ID) {
        guard let bytes = offer.envelopes.first else { return }
        forgetOffer(server)
        servers[server] = HostedServer(id: server, me: me)
        let link = links.keys.sorted { $0.number < $1.number }.first {
            links[$0]?.peer == offer.from
        }
        deliver([bytes], to: server, from: link ?? Self.noLink, wantID: nil)
        guard servers[server]?.state.isFounded == true else {
            servers[server] = nil
            return
        }
        syncHandle(.serverAdded(server))
        announceDirect(server)
        change(.servers)
    }
}
