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
    /// The box of the peer whose state this is, and the boxes with parents' keys.
    package let viewerBox: [UInt8]?
    package let prevBoxes: [[UInt8]]

    /// One `key.share` that gives this epoch to `target`.
    package struct Share: Hashable, Sendable {
        package let target: Peer.ID
        let author: Peer.ID
        let seq: UInt64
    }

    /// Rotation and shares together.
    package var recipients: Set<Peer.ID> {
        shares.isEmpty ? rotationRecipients : rotationRecipients.union(shares.map(\.target))
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
    /// The current prekey of a member in State(past): the highest seq.
    func prekey(of peer: Peer.ID, at past: Past) -> Prekey? {
        prekeys[peer]?.filter { graph.frontiers.contains(peer, $0.seq, in: past) }
            .max { $0.seq < $1.seq }
    }

    /// Readers of a channel who have a prekey, in ascending order of their keys.
    package func sealableReaders(
        of channel: Channel.ID, at past: Past
    ) -> [(peer: Peer.ID, prekey: Exchange.PublicKey)] {
        members(at: past).compactMap { peer in
            guard isReader(peer, of: channel, at: past), let prekey = prekey(of: peer, at: past)
            else { return nil }
            return (peer, prekey.key)
        }
    }

    /// The epochs a new rotation names: of greatest depth, at most four, smallest ids.
    package func rotationParents(of channel: Channel.ID, at past: Past) -> [Epoch.ID] {
        let known = (channels[channel]?.epochIDs ?? []).compactMap { epochs[$0] }.filter {
            graph.isInPast(Event.ID($0.id), past)
        }
        guard let deepest = known.map(\.depth).max() else { return [] }
        let parents = known.filter { $0.depth == deepest }.map(\.id).sorted()
        return Array(parents.prefix(KeyRotated.parentsMax))
    }

    func checkRotation(
        _ body: KeyRotated, event: Event, at past: Past
    ) throws(Failure<RuleCode>) {
        let progress = try rotation(endingWith: body, event: event, at: past)
        if body.part == 0 {
            guard body.parents == rotationParents(of: body.channel, at: past) else {
                throw Failure(.unknownTarget, "parents are the deepest epochs known")
            }
        }
        let wraps = channels[body.channel]?.history == .all ? body.parents.count : 0
        guard body.prevBoxes.count == wraps else { throw Failure(.badBody, "prev boxes") }
        guard body.part + 1 == body.parts else { return }
        let readers = sealableReaders(of: body.channel, at: progress.past)
        if progress.boxes.count > readers.count { throw Failure(.extraReader, "more boxes") }
        if progress.boxes.count < readers.count { throw Failure(.badBody, "fewer boxes") }
        let recipients = zip(readers, progress.boxes).filter { $1 != KeyRotated.emptyBox }
            .map(\.0.peer)
        guard ChannelCrypto.readersDigest(recipients) == body.readersDigest else {
            throw Failure(.extraReader, "the digest is of other readers")
        }
    }

    /// The rotation as it stands with `body` as its newest part.
    private func rotation(
        endingWith body: KeyRotated, event: Event, at past: Past
    ) throws(Failure<RuleCode>) -> RotationProgress {
        guard body.part > 0 else {
            return RotationProgress(body: body, past: past, boxes: body.boxes)
        }
        guard let prev = event.prev, let before = rotationParts[prev], event.deps.isEmpty,
            before.body.isContinued(by: body)
        else { throw Failure(.badBody, "a part follows the part before it") }
        return RotationProgress(
            body: body, past: before.past, boxes: before.boxes + body.boxes)
    }

    mutating func addRotationPart(_ body: KeyRotated, event: Event) {
        let past = graph[event.id]?.past ?? .empty
        let before = body.part == 0 ? nil : event.prev.flatMap { rotationParts[$0] }
        let progress = RotationProgress(
            body: body, past: before?.past ?? past, boxes: (before?.boxes ?? []) + body.boxes)
        if let prev = event.prev, before != nil { rotationParts[prev] = nil }
        guard body.part + 1 == body.parts else {
            rotationParts[event.id] = progress
            return
        }
        addEpoch(progress, event: event)
    }

    private mutating func addEpoch(_ progress: RotationProgress, event: Event) {
        let body = progress.body
        let id = Epoch.ID(event.id)
        let readers = sealableReaders(of: body.channel, at: progress.past)
        var recipients: Set<Peer.ID> = []
        var viewerBox: [UInt8]?
        for (reader, box) in zip(readers, progress.boxes) where box != KeyRotated.emptyBox {
            recipients.insert(reader.peer)
            if reader.peer == viewer { viewerBox = box }
        }
        let depth = body.parents.compactMap { epochs[$0]?.depth }.max().map { $0 + 1 } ?? 0
        epochs[id] = EpochInfo(
            id: id, channel: body.channel, author: event.author, salt: body.salt,
            commit: body.commit, parents: body.parents, depth: depth,
            rotationRecipients: recipients, viewerBox: viewerBox, prevBoxes: body.prevBoxes)
        channels[body.channel]?.epochIDs.append(id)
    }

    mutating func addPrekey(_ body: PrekeyPublished, event: Event) {
        prekeys[event.author, default: []].append(
            Prekey(event: event.id, seq: event.seq, key: body.key))
    }

    mutating func addShare(_ body: KeyShared, event: Event) {
        for epoch in body.epochs {
            epochs[epoch]?.shares.append(
                EpochInfo.Share(target: body.target, author: event.author, seq: event.seq))
        }
    }

    func isRecipient(_ peer: Peer.ID, of epoch: Epoch.ID, at past: Past) -> Bool {
        guard let info = epochs[epoch] else { return false }
        if info.rotationRecipients.contains(peer) { return true }
        return info.shares.contains {
            $0.target == peer && graph.frontiers.contains($0.author, $0.seq, in: past)
        }
    }

    /// The epoch to send under now, if one names nobody too many and leaves nobody out (7.3).
    package func sendingEpoch(of channel: Channel.ID) -> EpochInfo? {
        let readers = Set(members(at: now).filter { isReader($0, of: channel, at: now) })
        let sealable = Set(sealableReaders(of: channel, at: now).map(\.peer))
        return (channels[channel]?.epochIDs ?? []).compactMap { epochs[$0] }
            .filter {
                $0.recipients.isSubset(of: readers) && $0.recipients.isSuperset(of: sealable)
            }
            .min { ($1.depth, $0.id) < ($0.depth, $1.id) }
    }

    /// The deepest epoch of a channel whatever its readers; what newcomers are given.
    package func newestEpoch(of channel: Channel.ID) -> EpochInfo? {
        (channels[channel]?.epochIDs ?? []).compactMap { epochs[$0] }
            .min { ($1.depth, $0.id) < ($0.depth, $1.id) }
    }

    package func currentPrekey(of peer: Peer.ID) -> Exchange.PublicKey? {
        prekey(of: peer, at: now)?.key
    }
}
