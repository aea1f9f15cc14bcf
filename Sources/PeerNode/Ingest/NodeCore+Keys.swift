import PeerNet
import PeerState

/// Acts that keys ask for without anybody's call: publish a prekey, hand keys to newcomers.
extension NodeCore {
    mutating func publishPrekey(in server: Server.ID) throws(NodeFailure) {
        let prekey = ExchangeKey.generate(&entropy)
        let event = try write(PrekeyPublished(key: prekey.publicKey), in: server)
        servers[server]?.keys.add(prekey: prekey, atMilliseconds: now.wallMilliseconds)
        var secret = prekey.secretCopy()
        defer { Sodium.wipe(&secret) }
        current.batch.prekeys.append(
            PrekeyRow(
                server: server, event: event.id, publicKey: prekey.publicKey, secret: secret,
                createdAtMilliseconds: now.wallMilliseconds))
    }

    /// Makes a new epoch for everyone who may read the channel now.
    mutating func rotate(_ channel: Channel.ID, in server: Server.ID) throws(NodeFailure) {
        guard let slot = servers[server] else { throw NodeFailure(.unknownServer) }
        let draft = Rotation.draft(
            channel: channel, author: me, state: slot.state, keys: slot.keys, &entropy)
        for part in draft.parts { try write(part, in: server) }
    }

    /// Hands `member` the keys of `channel` that he lacks and this node holds.
    mutating func share(
        _ channel: Channel.ID, with member: Peer.ID, in server: Server.ID
    ) throws(NodeFailure) {
        guard member != me, let slot = servers[server],
            slot.state.isReader(member, of: channel, at: slot.state.now),
            let body = Rotation.share(
                channel: channel, from: me, to: member, state: slot.state, keys: slot.keys, &entropy
            )
        else { return }
        try write(body, in: server)
    }

    /// Does what is due in every server; called after each input.
    mutating func runDuties() {
        for server in servers.keys.sorted() {
            // Looked at in place: this runs after every input.
            guard servers[server]?.needsDutyCheck == true, let slot = servers[server],
                slot.hasHistory, slot.isMember, !recovery.blocks(server)
            else { continue }
            servers[server]?.needsDutyCheck = false
            do {
                try introduceMyself(slot)
                try shareDue(server)
                try careForKeys(of: server)
            } catch {
                log.log(.warning, "server \(server): a key duty was refused: \(error)")
            }
        }
    }

    private mutating func introduceMyself(_ slot: HostedServer) throws(NodeFailure) {
        // All that was said under a membership that fell may have fallen with it.
        let isSilenced = slot.keys.hasPrekey && slot.state.currentPrekey(of: me) == nil
        guard !slot.keys.hasPrekey || isSilenced else { return }
        // Nobody can seal a key to who has no prekey: a provider shows its name alone.
        if configuration.isProvider { return try showName(in: slot) }
        if isSilenced, servers[slot.id]?.care.replacePrekey(now.monotonic) != true { return }
        try publishPrekey(in: slot.id)
        try showName(in: slot)
    }

    private mutating func shareDue(_ server: Server.ID) throws(NodeFailure) {
        guard let slot = servers[server] else { return }
        let lacking = membersLackingKeys(slot)
        servers[server]?.shareDuties = slot.shareDuties.filter { lacking.contains($0.key) }
        for member in lacking.sorted() {
            let due: Instant
            if let known = slot.shareDuties[member] {
                due = known
            } else {
                due = shareTime(for: member, slot)
                servers[server]?.shareDuties[member] = due
                wakes.add(due)
            }
            guard due <= now.monotonic else { continue }
            for channel in slot.state.holdingChannels {
                try share(channel.id, with: member, in: server)
            }
            servers[server]?.shareDuties[member] = nil
        }
    }

    /// Who admitted a member shares at once; others wait, so that one share is written, not many.
    /// Into a conversation its founder admits all.
    private mutating func shareTime(for member: Peer.ID, _ slot: HostedServer) -> Instant {
        let admitter = slot.state.isDirect ? slot.state.founder : slot.state.grantor(of: member)
        if admitter == me { return now.monotonic }
        let wait = entropy.next(upperBound: Limits.shareDelay.count + 1)
        return now.monotonic + Milliseconds(wait)
    }

    /// Readers with a prekey who lack a key that this node can give them.
    private func membersLackingKeys(_ slot: HostedServer) -> Set<Peer.ID> {
        slot.state.readersLackingKeys(from: me, holding: slot.keys)
    }
}
