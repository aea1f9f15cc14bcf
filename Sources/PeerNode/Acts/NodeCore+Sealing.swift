import PeerNet
import PeerState

/// Sealing what is written into a channel (PROTOCOL 7.3, 7.4).
extension NodeCore {
    /// Seals to the next place of this node's chain and writes what comes out.
    ///
    /// Shares or rotates first where a reader would be left out or somebody removed could read.
    mutating func writeSealed(
        kind: UInt64, channel: Channel.ID, in server: Server.ID, principal: String? = nil,
        _ body: (MessagePlace, [UInt8], inout Entropy) -> any EventBody
    ) throws(NodeFailure) -> Event {
        try checkReads(channel, in: server)
        let epoch = try epochToWrite(channel, in: server)
        try acknowledgeAll(in: server)
        guard let place = servers[server]?.replica.nextPlace(of: me),
            var key = servers[server]?.keys.key(epoch.id)
        else { throw NodeFailure(.noKey) }
        defer { Sodium.wipe(&key) }
        let sealing = MessagePlace(
            server: server, channel: channel, epoch: epoch.id, commit: epoch.commit, author: me,
            seq: place.seq, prev: place.prev, kind: kind)
        return try write(body(sealing, key, &entropy), in: server, principal: principal)
    }

    /// Who is suspended, out or may not read is told so, and not that a key is missing.
    func checkReads(_ channel: Channel.ID, in server: Server.ID) throws(NodeFailure) {
        let state = try hosted(server).state
        guard !state.isSuspended(me) else {
            throw NodeFailure(.suspended, "a moderator paused this membership, and can lift that")
        }
        guard state.standing(of: me) != nil else {
            throw NodeFailure(.notMember, "this node is no member of the server now")
        }
        guard state.isReader(me, of: channel, at: state.now) else {
            throw NodeFailure(.notReader, "this channel is restricted to holders of certain roles")
        }
    }

    mutating func epochToWrite(
        _ channel: Channel.ID, in server: Server.ID
    ) throws(NodeFailure) -> EpochInfo {
        if let epoch = heldEpoch(channel, server) { return epoch }
        // On a copy: whoever is refused has shared nothing.
        var trial = self
        let members = currentMembers(of: server)
        for member in members { try trial.share(channel, with: member, in: server) }
        if let epoch = trial.heldEpoch(channel, server) {
            self = trial
            return epoch
        }
        guard mayRotate(channel, in: server) || hasWaitedForKey(channel, in: server) else {
            throw NodeFailure(
                .noKey, "this channel's key has not reached this node yet; try again shortly")
        }
        try trial.rotate(channel, in: server)
        guard let epoch = trial.heldEpoch(channel, server) else {
            throw NodeFailure(.noKey, "no key can be made for the readers of this channel now")
        }
        self = trial
        return epoch
    }

    /// Whether a new key made here would lead back to the old ones, and have this node read it.
    func mayRotate(_ channel: Channel.ID, in server: Server.ID) -> Bool {
        guard let slot = servers[server], slot.state.currentPrekey(of: me) != nil,
            slot.state.isReader(me, of: channel, at: slot.state.now)
        else { return false }
        return slot.state.newestEpoch(of: channel).map { slot.keys.holds($0.id) } ?? true
    }

    /// Whether this node has lacked the newest key for so long that it makes another one.
    ///
    /// A rotation whose key nobody can open, or was never given to anybody, would silence the
    /// channel for good otherwise. - Source: PROTOCOL 7.2, prev boxes.
    private mutating func hasWaitedForKey(_ channel: Channel.ID, in server: Server.ID) -> Bool {
        guard let slot = servers[server], slot.state.currentPrekey(of: me) != nil,
            let newest = slot.state.newestEpoch(of: channel)?.id
        else { return false }
        if let wait = servers[server]?.keyWaits[channel], wait.epoch == newest {
            return now.monotonic >= wait.since + Limits.keyWait
        }
        servers[server]?.keyWaits[channel] = KeyWait(epoch: newest, since: now.monotonic)
        return false
    }

    func currentMembers(of server: Server.ID) -> [Peer.ID] {
        servers[server].map { $0.state.members(at: $0.state.now) } ?? []
    }

    mutating func heldEpoch(_ channel: Channel.ID, _ server: Server.ID) -> EpochInfo? {
        guard let epoch = servers[server]?.sendingEpoch(of: channel),
            servers[server]?.keys.holds(epoch.id) == true
        else { return nil }
        return epoch
    }

    private mutating func acknowledgeAll(in server: Server.ID) throws(NodeFailure) {
        try checkMayWrite(server)
        let writer = writer
        do {
            let acks = try servers[server]?.replica.acknowledgeMany(by: writer) ?? []
            if !acks.isEmpty { accept(acks, in: server, from: nil) }
        } catch {
            throw NodeFailure(rule: error)
        }
    }
}

/// Since when a node wants to write under a key that it does not hold.
struct KeyWait: Sendable {
    let epoch: Epoch.ID
    let since: Instant
}

extension Limits {
    /// How long who lacks a channel's newest key waits for a share before making another.
    static let keyWait = Milliseconds.seconds(30)
}
