import PeerNet
import PeerState

/// Keeping keys fresh without anybody's call: prekeys are renewed and forgotten, channels get a
/// new key when their readers or its age ask for one, and keys that do not open are reported.
extension NodeCore {
    /// Looks at the keys of a server, at most once in `Limits.keyLookPause`.
    mutating func careForKeys(of server: Server.ID) throws(NodeFailure) {
        guard servers[server]?.care.beginLook(now.monotonic) == true else {
            return wakeForKeys(of: server)
        }
        defer { wakeForKeys(of: server) }
        let usesMax = configuration.keyPeriods.rotateAfterMessages
        servers[server]?.care.usesMax = usesMax
        try renewPrekey(in: server)
        planRotations(in: server)
        try rotateDue(in: server)
        try tellFaults(in: server)
    }

    private mutating func wakeForKeys(of server: Server.ID) {
        if let at = servers[server]?.care.nextLook { wakes.add(at) }
    }

    // Prekeys

    private mutating func renewPrekey(in server: Server.ID) throws(NodeFailure) {
        guard let slot = servers[server], let created = slot.keys.newestPrekeyMilliseconds
        else { return }
        let life = configuration.keyPeriods.prekeyLife.count
        let wall = now.wallMilliseconds
        let age = wall > created ? wall - created : 0
        // Renewing with the others lets one new key per channel do for all of them.
        let isAlong =
            age >= life / 2
            && slot.state.hasRenewedPrekey(besides: me, after: created + life / 2)
        if age >= life || isAlong || replacesPrekey(slot) {
            try publishPrekey(in: server)
            servers[server]?.care.look(noLaterThan: now.monotonic + Milliseconds(life))
        } else {
            servers[server]?.care.look(noLaterThan: now.monotonic + Milliseconds(life - age))
        }
        let old = servers[server]?.keys.dropPrekeys(
            replacedBefore: wall > life ? wall - life : 0)
        current.batch.droppedPrekeys += old ?? []
    }

    /// Whether what is sealed to this node is lost: its newest prekey was published after its data
    /// was copied, and the secret went with what came after the copy.
    private mutating func replacesPrekey(_ slot: HostedServer) -> Bool {
        guard let published = slot.state.currentPrekey(of: me), !slot.keys.isOwn(published)
        else { return false }
        return servers[slot.id]?.care.replacePrekey(now.monotonic) ?? false
    }

    // Rotations

    private mutating func planRotations(in server: Server.ID) {
        var needed: [Channel.ID: Instant] = [:]
        for channel in servers[server]?.state.holdingChannels.map(\.id) ?? [] {
            if let from = rotationMoment(of: channel, in: server) { needed[channel] = from }
        }
        let members = currentMembers(of: server).count
        let present = now.monotonic
        var entropy = entropy
        servers[server]?.care.plan(Set(needed.keys)) { channel in
            (needed[channel] ?? present) + RotationDelay.draw(members: members, &entropy)
        }
        self.entropy = entropy
    }

    /// From when on a channel's key is to be renewed; `nil` when it is good, or not for this node.
    private mutating func rotationMoment(
        of channel: Channel.ID, in server: Server.ID
    ) -> Instant? {
        guard mayRotate(channel, in: server),
            let newest = servers[server]?.state.newestEpoch(of: channel)
        else { return nil }
        guard let epoch = servers[server]?.sendingEpoch(of: channel) else {
            return isOnlyUnshared(newest, in: server) ? nil : now.monotonic
        }
        guard let slot = servers[server] else { return nil }
        let periods = configuration.keyPeriods
        if slot.care.uses(of: epoch.id) >= periods.rotateAfterMessages { return now.monotonic }
        let made = slot.state.wallMilliseconds(of: Event.ID(epoch.id)) ?? now.wallMilliseconds
        let age = now.wallMilliseconds > made ? now.wallMilliseconds - made : 0
        if age >= periods.rotateAfter.count { return now.monotonic }
        servers[server]?.care.look(
            noLaterThan: now.monotonic + Milliseconds(periods.rotateAfter.count - age))
        guard slot.state.hasChangedPrekey(since: epoch) else { return nil }
        let pause = periods.rotatePause.count
        return now.monotonic + Milliseconds(age < pause ? pause - age : 0)
    }

    /// Whether nothing is wrong with an epoch but that newcomers have no share of it yet.
    private func isOnlyUnshared(_ epoch: EpochInfo, in server: Server.ID) -> Bool {
        guard let state = servers[server]?.state else { return false }
        let readers = Set(state.members(at: state.now)).filter {
            state.isReader($0, of: epoch.channel, at: state.now)
        }
        return !state.isFaulted(epoch) && state.recipients(of: epoch).isSubset(of: readers)
    }

    private mutating func rotateDue(in server: Server.ID) throws(NodeFailure) {
        for (channel, due) in servers[server]?.care.rotations.sorted(by: { $0.key < $1.key }) ?? []
        where due <= now.monotonic {
            // Whatever comes of it, it is not tried at every turn.
            servers[server]?.care.postpone(channel, until: now.monotonic + Limits.rotateDelay)
            if servers[server]?.sendingEpoch(of: channel) == nil {
                _ = try epochToWrite(channel, in: server)
            } else {
                try rotate(channel, in: server)
            }
            servers[server]?.care.end(channel)
            log.log(.info, "server \(server): a new key for channel \(channel)")
        }
    }

    // Faults

    private mutating func tellFaults(in server: Server.ID) throws(NodeFailure) {
        guard let slot = servers[server], !slot.care.faults.isEmpty else { return }
        servers[server]?.care.keepFaults(now.monotonic) { fault in
            !slot.keys.holds(fault.epoch) && slot.state.mayReport(fault.epoch, by: slot.me)
        }
        let faults = servers[server]?.care.faults ?? [:]
        for (fault, due) in faults.sorted(by: { $0.key.epoch < $1.key.epoch })
        where due <= now.monotonic {
            servers[server]?.care.end(fault)
            try write(
                KeyFaulted(channel: fault.channel, epoch: fault.epoch, reason: fault.reason),
                in: server)
        }
    }
}
