/// One channel key as state knows it: who made it, who can open it, never the key.
package struct EpochInfo: Sendable {
    package let id: Epoch.ID
    package let channel: Channel.ID
    package let author: Peer.ID
    package let salt: [UInt8]
    package let commit: Digest.Value
    package let parents: [Epoch.ID]
    package let depth: UInt64
    /// Those whose box was not left out.
    package let rotationRecipients: Set<Peer.ID>
    package internal(set) var shares: [Share] = []
    var faults: [(slot: Slot, reason: KeyFaulted.Reason)] = []
    /// The box of the peer whose state this is, and the boxes with parents' keys.
    package let viewerBox: [UInt8]?
    package let prevBoxes: [[UInt8]]

    /// One `key.share` that gives this epoch to `target`.
    package struct Share: Hashable, Sendable {
        package let target: Peer.ID
        let slot: Slot
    }
}

/// The parts of one rotation that are here so far.
struct RotationProgress: Sendable {
    let body: KeyRotated
    /// The past of part 0, in which readers and parents are judged.
    let past: Past
    /// All boxes so far.
    let boxes: [[UInt8]]
}

extension ServerState {
    /// Rotation and shares together, as far as these take effect.
    package func recipients(of epoch: EpochInfo) -> Set<Peer.ID> {
        guard !epoch.shares.isEmpty else { return epoch.rotationRecipients }
        return epoch.rotationRecipients.union(
            epoch.shares.filter { graph.isEffective($0.slot) }.map(\.target))
    }

    func faultCount(of epoch: EpochInfo) -> Int {
        epoch.faults.count { $0.reason == .commitMismatch && graph.isEffective($0.slot) }
    }

    /// Readers of a channel who have a prekey, in ascending order of their keys.
    package func sealableReaders(
        of channel: Channel.ID, at past: Past
    ) -> [(peer: Peer.ID, prekey: Exchange.PublicKey)] {
        members(at: past).compactMap { peer in
            guard let prekey = prekey(of: peer, at: past), isReader(peer, of: channel, at: past)
            else { return nil }
            return (peer, prekey.key)
        }
    }

    /// - Errors: `unknownEpoch`.
    func requireEpoch(
        _ id: Epoch.ID, of channel: Channel.ID, at place: EventPlace
    ) throws(Failure<RuleCode>) {
        guard let slot = graph.slot(of: Event.ID(id)), epochChannels[slot] == channel,
            isInForce(slot, at: place)
        else { throw Failure(.unknownEpoch) }
    }

    /// The epochs a new rotation names: of greatest depth, at most four, smallest ids.
    package func rotationParents(of channel: Channel.ID, at past: Past) -> [Epoch.ID] {
        guard let slot = graph.slot(of: Event.ID(channel)) else { return [] }
        let known = (channelRecords[slot]?.epochIDs ?? []).compactMap { epochs[$0] }.filter {
            graph.slot(of: Event.ID($0.id)).map { isInForce($0, at: past) } ?? false
        }
        guard let deepest = known.map(\.depth).max() else { return [] }
        let parents = known.filter { $0.depth == deepest }.map(\.id).sorted()
        return Array(parents.prefix(KeyRotated.parentsMax))
    }

    func isRecipient(_ peer: Peer.ID, of epoch: Epoch.ID, at past: Past) -> Bool {
        guard let info = epochs[epoch] else { return false }
        if info.rotationRecipients.contains(peer) { return true }
        return info.shares.contains { $0.target == peer && isInForce($0.slot, at: past) }
    }

    /// The epoch to send under now, if one names nobody too many and leaves nobody out (7.3).
    package func sendingEpoch(of channel: Channel.ID) -> EpochInfo? {
        let readers = Set(members(at: now).filter { isReader($0, of: channel, at: now) })
        let sealable = Set(sealableReaders(of: channel, at: now).map(\.peer))
        return liveEpochs(of: channel).filter { epoch in
            let recipients = recipients(of: epoch)
            return faultCount(of: epoch) == 0 && recipients.isSubset(of: readers)
                && recipients.isSuperset(of: sealable)
        }.min { ($1.depth, $0.id) < ($0.depth, $1.id) }
    }

    /// The deepest epoch of a channel whatever its readers; what newcomers are given.
    package func newestEpoch(of channel: Channel.ID) -> EpochInfo? {
        liveEpochs(of: channel).min { ($1.depth, $0.id) < ($0.depth, $1.id) }
    }

    /// The epochs whose keys a reader has to be given, the deepest first: all others that are held
    /// are opened with these. Policy `since_join` gives the newest alone.
    ///
    /// - Source: PROTOCOL 7.2: the newest, and every older one to which no prev box leads.
    /// - Parameter keys: those of the giver.
    func openEpochs(of channel: Channel.ID, _ keys: KeyRing) -> [EpochInfo] {
        let live = liveEpochs(of: channel).sorted { ($1.depth, $0.id) < ($0.depth, $1.id) }
        if self.channel(channel)?.history != .all {
            return live.prefix(1).filter { keys.holds($0.id) }
        }
        // Through a key that nobody holds nothing leads anywhere, whatever its boxes look like.
        let held = live.filter { keys.holds($0.id) }
        var wrapped: Set<Epoch.ID> = []
        for epoch in held { wrapped.formUnion(keys.parentsReached(from: epoch, in: id)) }
        return held.filter { !wrapped.contains($0.id) }
    }

    private func liveEpochs(of channel: Channel.ID) -> [EpochInfo] {
        guard let slot = graph.slot(of: Event.ID(channel)) else { return [] }
        return (channelRecords[slot]?.epochIDs ?? []).filter { isEffective(epoch: $0) }
            .compactMap { epochs[$0] }
    }
}
