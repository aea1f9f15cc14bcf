import PeerNet
import PeerState

/// Inviting: a grant with a text that leads to it, or a link (PROTOCOL 4.5).
extension NodeCore {
    mutating func invite(
        _ reply: ReplyID, _ server: Server.ID, _ recipient: Peer.ID, _ expiry: UInt64?,
        _ role: Event.ID?
    ) throws(NodeFailure) {
        guard recipient != me else {
            throw NodeFailure(.alreadyMember, "that is this node itself")
        }
        guard let role else {
            return succeed(reply, try admit(recipient, server, expiry))
        }
        guard expiry == nil else {
            throw NodeFailure(
                .invalidArgument,
                "with a role the recipient is a member at once; leave the time away, or the role")
        }
        var trial = self
        let result = try trial.admit(recipient, server, as: role)
        self = trial
        succeed(reply, result)
    }

    /// With a role, which is there for members alone and so not for whoever is yet to use a link.
    private mutating func admit(
        _ recipient: Peer.ID, _ server: Server.ID, as role: Event.ID
    ) throws(NodeFailure) -> Outcome {
        var result = try admit(recipient, server, nil)
        guard try hosted(server).state.standing(of: recipient) != nil else {
            throw NodeFailure(
                .noPermission,
                "needs moderator: others make a link, and who uses it is given a role later")
        }
        let assigned = try performOnRoles(.assign(role, to: recipient), server)
        if result.kind == .unchanged && assigned.kind == .applied {
            (result.kind, result.event, result.seq) = (.applied, assigned.event, assigned.seq)
        }
        result.roles = assigned.roles
        return result
    }

    /// - Parameter expiry: until when the invite is good; `nil` lets whoever may grant do so at
    ///   once and for good (docs/decisions/0059).
    private mutating func admit(
        _ recipient: Peer.ID, _ server: Server.ID, _ expiry: UInt64?
    ) throws(NodeFailure) -> Outcome {
        let slot = try hosted(server)
        var result: Outcome
        if let standing = slot.state.standing(of: recipient), !mayLift(recipient, slot.state) {
            result = Outcome(.unchanged, server: server)
            result.event = standing.proof
        } else if mayOnlyIssue(slot.state) || expiry != nil {
            if slot.state.returnsByGrantOnly(recipient) {
                throw NodeFailure(
                    .needsGrant, "who was removed comes back by a grant, which knows no time")
            }
            let end = expiry ?? now.wallMilliseconds + Limits.inviteLifeMilliseconds
            result = try issueLink(1, end, recipient, server)
        } else {
            let grant = try write(MemberGranted(target: recipient, level: .member), in: server)
            result = outcome(.applied, grant, server)
        }
        result.inviteCode = result.inviteCode ?? inviteText(of: server).code
        result.name = slot.state.name
        return result
    }

    /// Whether the recipient came by a link that a limited member opened, whose limits it bears: a
    /// grant lifts them (PROTOCOL 4.5).
    private func mayLift(_ recipient: Peer.ID, _ state: ServerState) -> Bool {
        guard state.isLimitedByAdmitter(recipient), let own = state.standing(of: me) else {
            return false
        }
        return own.level >= .moderator && !own.isAttenuated
    }

    /// Whoever holds CreateInvite alone cannot grant; a link for one peer does the same.
    private func mayOnlyIssue(_ state: ServerState) -> Bool {
        guard let level = state.standing(of: me)?.level, level < .moderator else { return false }
        return state.permissions(of: me, at: state.now).contains(.createInvite)
    }

    /// - Parameter recipient: the only peer that may use it; `nil` = whoever has it.
    mutating func issueLink(
        _ usesMax: UInt64, _ expiry: UInt64?, _ recipient: Peer.ID?, _ server: Server.ID
    ) throws(NodeFailure) -> Outcome {
        var bytes = entropy.bytes(LinkSecret.byteCount)
        defer { Sodium.wipe(&bytes) }
        guard let secret = LinkSecret(bytes) else {
            throw NodeFailure(.internalError, "a secret has 32 bytes")
        }
        let event = try write(
            LinkIssued(
                key: secret.publicKey, usesMax: usesMax, expiryMilliseconds: expiry,
                attenuation: nil, recipient: recipient, label: ""),
            in: server)
        var outcome = outcome(.applied, event, server)
        outcome.expiresAtMilliseconds = expiry
        outcome.inviteCode = inviteText(of: server, link: event.id, secret: bytes).code
        return outcome
    }

    /// Names everybody who can let somebody in, and where they and this node were met last, so
    /// that this node need not be there.
    private func inviteText(
        of server: Server.ID, link: Event.ID? = nil, secret: [UInt8]? = nil
    ) -> Invite {
        let state = servers[server]?.state
        let members = state.map { $0.members(at: $0.now) } ?? []
        let linked = Set(links.values.compactMap(\.peer))
        let able = members.filter { $0 != me && state?.mayAdmit($0) == true }
            .sorted { (linked.contains($0) ? 0 : 1, $0) < (linked.contains($1) ? 0 : 1, $1) }
        var foreign: [String] = []
        for peer in able where foreign.count < Limits.inviteForeignAddresses {
            foreign += dialling.addresses(of: peer).prefix(1)
        }
        foreign += ownRelayAddresses().filter { !foreign.contains($0) }
        let own = listenAddresses.prefix(Invite.addressesMax - foreign.count)
        return Invite(
            server: server, link: link, secret: secret, name: state?.name ?? "", inviter: me,
            addresses: own + foreign, providers: able)
    }
}

extension Limits {
    /// How long an invite or a link is good when nobody says.
    package static let inviteLifeMilliseconds: UInt64 = 7 * 86_400_000
}
