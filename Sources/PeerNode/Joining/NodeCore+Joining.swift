import PeerNet
import PeerState

/// A server this node is on its way into, and who waits to hear of it.
struct PendingJoin: Sendable {
    var replies: [NodeCore.ReplyID]
    let deadline: Instant
    let inviter: Peer.ID
    let name: String
    /// Peers named by the invite that do not take this node for a member, or not yet.
    var unaware: Set<Peer.ID> = []
    /// When those are asked again.
    var askAgainAt: Instant?
}

extension NodeCore {
    mutating func acceptInvite(_ reply: ReplyID, _ code: String) throws(NodeFailure) {
        if let server = Server.ID(hex: code), let offer = offers[server] {
            return try accept(offer, of: server, reply)
        }
        let invite = try Invite(code: code)
        guard invite.inviter != me || invite.link != nil else {
            throw NodeFailure(
                .wrongRecipient, "this node wrote the invite; give it to another peer")
        }
        guard (invite.link == nil) == (invite.secret == nil) else {
            throw NodeFailure(.malformedInvite, "a link without its secret; copy it whole")
        }
        try begin(reply, invite)
    }

    private mutating func accept(
        _ offer: ReceivedOffer, of server: Server.ID, _ reply: ReplyID
    ) throws(NodeFailure) {
        forgetOffer(server)
        closeOffer(server, offer.from)
        guard offer.created.isDirect else {
            let invite = Invite(
                server: server, name: offer.created.name, inviter: offer.from, addresses: [])
            return try begin(reply, invite)
        }
        adopt(offer, server)
        var outcome = Outcome(.applied, server: server)
        outcome.name = directTitle(of: server)
        outcome.inviter = offer.from
        outcome.channel = Channel.ID(server)
        succeed(reply, outcome, isShared: false)
    }

    private mutating func begin(_ reply: ReplyID, _ invite: Invite) throws(NodeFailure) {
        let server = invite.server
        endErasing(server)
        if let slot = servers[server], slot.isMember {
            var outcome = Outcome(.unchanged, server: server)
            outcome.name = slot.state.name
            outcome.inviter = invite.inviter
            succeed(reply, outcome, isShared: false)
            return
        }
        prepare(invite)
        current.batch.settings.append(
            Setting(name: Self.joiningSetting(server), value: Array(invite.code.utf8)))
        forgetOffer(server)
        reach.isStale = true
        joins[
            server,
            default: PendingJoin(
                replies: [], deadline: now.monotonic + Limits.joinWait, inviter: invite.inviter,
                name: invite.name)
        ].replies += reply == Self.noReply ? [] : [reply]
        wakes.add(now.monotonic + Limits.joinWait)
        syncHandle(.serverAdded(server))
        if let join = LinkJoin(invite, for: me) { beginAsking(join) }
    }

    /// Makes room for the server of an invite, and dials where the invite leads.
    mutating func prepare(_ invite: Invite) {
        let introducers = Set([invite.inviter] + invite.providers)
        if servers[invite.server] == nil {
            servers[invite.server] = HostedServer(
                id: invite.server, me: me, introducers: introducers)
        } else {
            servers[invite.server]?.introducers = introducers
            servers[invite.server]?.doorway.isReturning = true
        }
        servers[invite.server]?.doorway.isAsking = invite.link != nil
        for address in invite.addresses where Address(address) != nil {
            // The first to answer at an address need not be the inviter; the handshake tells.
            noteInvited(address, invite.server)
        }
    }

    /// Answers those who wait for a join once its history is here.
    mutating func settleJoin(_ server: Server.ID) {
        guard
            joins[server] != nil || linkJoins[server] != nil
                || servers[server]?.doorway.isReturning == true,
            let slot = servers[server], slot.isMember, slot.hasHistory
        else { return }
        if linkJoins[server] != nil || slot.doorway.isReturning { endJoin(server) }
        // Who has just come wants to read and write; keys are on their way for a moment.
        guard let join = joins[server], slot.canReadAll || join.deadline <= now.monotonic
        else { return }
        joins[server] = nil
        for reply in join.replies {
            var outcome = Outcome(.applied, server: server)
            outcome.name = slot.state.name
            outcome.inviter = join.inviter
            outcome.feed = feed
            outcome.event = slot.state.standing(of: me)?.proof
            out.append(.reply(reply, .success(outcome)))
        }
        change(.servers)
    }

    mutating func expireJoins() {
        for server in joins.keys.sorted() {
            settleJoin(server)
            askAgain(server)
            guard let join = joins[server], join.deadline <= now.monotonic else { continue }
            if let failure = hopelessness(of: server) {
                failJoin(server, failure)
                continue
            }
            joins[server] = nil
            for reply in join.replies {
                var outcome = Outcome(.queued, server: server)
                let isAsking = servers[server]?.doorway.isAsking == true
                outcome.waitingFor = isAsking ? "provider" : "peer"
                outcome.name = join.name
                outcome.inviter = join.inviter
                outcome.feed = feed
                out.append(.reply(reply, .success(outcome)))
            }
        }
    }
}
