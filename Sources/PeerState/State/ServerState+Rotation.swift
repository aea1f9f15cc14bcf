extension ServerState {
    /// Whether a part of a rotation fits the parts before it, and the whole its channel.
    ///
    /// - Errors: `unknownTarget`, `badBody`, `extraReader`.
    func checkRotation(
        _ body: KeyRotated, at place: EventPlace
    ) throws(Failure<RuleCode>) {
        let progress = try rotation(endingWith: body, at: place)
        if body.part == 0 {
            guard body.parents == rotationParents(of: body.channel, at: place.past) else {
                throw Failure(.unknownTarget, "parents are the deepest epochs known")
            }
        }
        let record = graph.slot(of: Event.ID(body.channel)).flatMap { channelRecords[$0] }
        let wraps = record?.history == .all ? body.parents.count : 0
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
        endingWith body: KeyRotated, at place: EventPlace
    ) throws(Failure<RuleCode>) -> RotationProgress {
        guard body.part > 0 else {
            return RotationProgress(body: body, past: place.past, boxes: body.boxes)
        }
        guard let prev = place.event.prev, let before = rotationParts[prev],
            place.event.deps.isEmpty, before.body.isContinued(by: body)
        else { throw Failure(.badBody, "a part follows the part before it") }
        return RotationProgress(
            body: body, past: before.past, boxes: before.boxes + body.boxes)
    }

    mutating func addRotationPart(_ body: KeyRotated, event: Event, slot: Slot) {
        let before = body.part == 0 ? nil : event.prev.flatMap { rotationParts[$0] }
        let progress = RotationProgress(
            body: body, past: before?.past ?? graph.past(slot),
            boxes: (before?.boxes ?? []) + body.boxes)
        guard body.part + 1 == body.parts else {
            rotationParts[event.id] = progress
            return
        }
        addEpoch(progress, event: event)
    }

    private mutating func addEpoch(_ progress: RotationProgress, event: Event) {
        let body = progress.body
        let id = Epoch.ID(event.id)
        let (readers, viewerBox) = givenKeys(by: progress, event.id)
        let depth = body.parents.compactMap { epochs[$0]?.depth }.max().map { $0 + 1 } ?? 0
        epochs[id] = EpochInfo(
            id: id, channel: body.channel, author: event.author, salt: body.salt,
            commit: body.commit, parents: body.parents, depth: depth,
            rotationRecipients: readers, viewerBox: viewerBox, prevBoxes: body.prevBoxes)
        changeChannel(body.channel) { $0.events.epochIDs.append(id) }
        if let slot = graph.slot(of: event.id) { epochChannels[slot] = body.channel }
    }

    /// Who was given the key, and the box of the peer whose state this is.
    private func givenKeys(
        by progress: RotationProgress, _ id: Event.ID
    ) -> (Set<Peer.ID>, viewerBox: [UInt8]?) {
        if let remade, let slot = graph.slot(of: id), let known = remade.people[slot] {
            return (Set(known), remade.boxes[slot])
        }
        let readers = sealableReaders(of: progress.body.channel, at: progress.past)
        var recipients: Set<Peer.ID> = []
        var viewerBox: [UInt8]?
        for (reader, box) in zip(readers, progress.boxes) where box != KeyRotated.emptyBox {
            recipients.insert(reader.peer)
            if reader.peer == viewer { viewerBox = box }
        }
        return (recipients, viewerBox)
    }

    mutating func addShare(_ body: KeyShared, event: Event, slot: Slot) {
        for epoch in body.epochs {
            epochs[epoch]?.shares.append(EpochInfo.Share(target: body.target, slot: slot))
        }
    }
}
