import PeerNet
import PeerState

/// Join links: issued and revoked here; the log never holds their secret (PROTOCOL 4.5).
extension NodeCore {
    mutating func perform(_ act: LinkAct, in server: Server.ID) throws(NodeFailure) -> Outcome {
        let slot = try hosted(server)
        switch act {
        case .create(let usesMax, let expiry):
            guard LinkIssued.usesRange.contains(usesMax) else {
                throw NodeFailure(.invalidArgument, "max_uses: 1 to 10000")
            }
            return try issueLink(usesMax, expiry, server)
        case .revoke(let id):
            guard let link = slot.state.link(id) else {
                throw NodeFailure(.unknownLink, "no link \(id.short) in this server")
            }
            if link.status == .revoked { return Outcome(.unchanged, server: server) }
            return outcome(.applied, try write(LinkRevoked(link: id), in: server), server)
        }
    }

    private mutating func issueLink(
        _ usesMax: UInt64, _ expiry: UInt64, _ server: Server.ID
    ) throws(NodeFailure) -> Outcome {
        var secret = entropy.bytes(32)
        defer { Sodium.wipe(&secret) }
        var seed = Sodium.hash("peer-agent/join/1", secret).bytes
        defer { Sodium.wipe(&seed) }
        guard let key = LinkIssued.Key(SigningKey(seed: seed).publicKey.bytes) else {
            throw NodeFailure(.internalError, "a key has 32 bytes")
        }
        let event = try write(
            LinkIssued(
                key: key, usesMax: usesMax, expiryMilliseconds: expiry, attenuation: nil,
                recipient: nil, label: ""),
            in: server)
        var outcome = outcome(.applied, event, server)
        outcome.expiresAtMilliseconds = expiry
        outcome.inviteCode =
            Invite(
                server: server, link: event.id, secret: secret,
                name: servers[server]?.state.name ?? "", inviter: me, addresses: listenAddresses
            ).code
        return outcome
    }
}
