import PeerNet
import PeerState

/// A server this node is on its way into, and who waits to hear of it.
struct PendingJoin: Sendable {
    var replies: [NodeCore.ReplyID]
    let deadline: Instant
    let inviter: Peer.ID
    let name: String
}

extension NodeCore {
    mutating func invite(
        _ reply: ReplyID, _ server: Server.ID, _ recipient: Peer.ID
    ) throws(NodeFailure) {
        let slot = try hosted(server)
        guard recipient != me else {
            throw NodeFailure(.alreadyMember, "that is this node itself")
        }
        var result: Outcome
        if let standing = slot.state.standing(of: recipient) {
            result = Outcome(.unchanged, server: server)
            result.event = standing.proof
        } else {
            let grant = try write(MemberGranted(target: recipient, level: .member), in: server)
            result = outcome(.applied, grant, server)
        }
        let invite = Invite(
            server: server, name: slot.state.name, inviter: me, addresses: listenAddresses)
        result.inviteCode = invite.code
        result.name = slot.state.name
        succeed(reply, result)
    }

    mutating func acceptInvite(_ reply: ReplyID, _ code: String) throws(NodeFailure) {
        if let server = Server.ID(hex: code), let offer = offers[server] {
            try begin(
                reply, Invite(server: server, name: offer.name, inviter: offer.from, addresses: []))
            return
        }
        let invite = try Invite(code: code)
        guard invite.inviter != me else {
            throw NodeFailure(
                .wrongRecipient, "this node wrote the invite; give it to another peer")
        }
        guard invite.link == nil else {
            throw NodeFailure(
                .malformedInvite,
                "join links are not supported by this version; ask for a direct invite")
        }
        try begin(reply, invite)
    }

    private mutating func begin(_ reply: ReplyID, _ invite: Invite) throws(NodeFailure) {
        if let slot = servers[invite.server], slot.isMember {
            var outcome = Outcome(.unchanged, server: invite.server)
            outcome.name = slot.state.name
            outcome.inviter = invite.inviter
            succeed(reply, outcome, isShared: false)
            return
        }
        if servers[invite.server] == nil {
            let introducers = Set([invite.inviter] + invite.providers)
            servers[invite.server] = HostedServer(
                id: invite.server, me: me, introducers: introducers)
            current.batch.settings.append(
                Setting(name: Self.joiningSetting(invite.server), value: Array(invite.code.utf8)))
        }
        for address in invite.addresses where Address(address) != nil {
            // The first to answer at an address need not be the inviter; the handshake tells.
            dialling.add(address)
        }
        offers[invite.server] = nil
        reach.isStale = true
        joins[
            invite.server,
            default: PendingJoin(
                replies: [], deadline: now.monotonic + Limits.joinWait, inviter: invite.inviter,
                name: invite.name)
        ].replies.append(reply)
        wakes.add(now.monotonic + Limits.joinWait)
        syncHandle(.serverAdded(invite.server))
    }

    /// Answers those who wait for a join once its history is here.
    mutating func settleJoin(_ server: Server.ID) {
        guard let join = joins[server], let slot = servers[server], slot.isMember,
            slot.hasHistory
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
            guard let join = joins[server], join.deadline <= now.monotonic else { continue }
            joins[server] = nil
            for reply in join.replies {
                var outcome = Outcome(.queued, server: server)
                outcome.waitingFor = "peer"
                outcome.name = join.name
                outcome.inviter = join.inviter
                outcome.feed = feed
                out.append(.reply(reply, .success(outcome)))
            }
        }
    }
}
