extension ServerState {
    /// Messages of channels that are there, deleted ones too.
    package var messageCount: Int { content.messageCount }

    /// A message that takes effect in a live channel; `nil` for anything else.
    package func message(_ id: Event.ID) -> MessageInfo? {
        graph.slot(of: id).flatMap { message($0) }
    }

    func message(_ slot: Slot) -> MessageInfo? {
        guard graph.kind(slot) == MessagePosted.kind, graph.isEffective(slot),
            let channel = content.subject(of: slot), let record = channelRecords[channel],
            isLive(record)
        else { return nil }
        return MessageInfo(
            channel: record.id, author: graph.peer(slot),
            parent: content.parents[slot].map { graph.id($0) }, status: status(of: slot),
            text: graph.id(textSlot(of: slot)), isMarked: graph.flags(slot).contains(.marked))
    }

    /// All messages that take effect, in order of their ids; walks every event.
    package var messageIDs: [Event.ID] {
        (0..<Int32(graph.count)).map { Slot(index: $0) }.filter { message($0) != nil }
            .map { graph.id($0) }.sorted()
    }

    /// The number of a stored event in its author's chain.
    package func seq(of id: Event.ID) -> UInt64? { graph.slot(of: id).map { graph.seq($0) } }

    func isDeleted(_ message: Slot) -> Bool {
        content.deletions[message]?.contains { graph.isEffective($0) } ?? false
    }

    private func status(of message: Slot) -> MessageInfo.Status {
        if isDeleted(message) { return .deleted }
        return textSlot(of: message) == message ? .posted : .edited
    }

    /// The event whose text counts; the post itself for a deleted message.
    func textSlot(of message: Slot) -> Slot {
        guard let edits = content.edits[message], !isDeleted(message) else { return message }
        return lastEffective(of: edits) ?? message
    }

    /// The last of those in canonical order that has effect; looks at those void after it alone.
    private func lastEffective(of slots: [Slot]) -> Slot? {
        slots.last { slot in
            Cost.note(.candidate)
            return graph.isEffective(slot)
        }
    }

    /// Live reactions of one author to a message, as many as hold (PROTOCOL 12).
    func reactions(to message: Slot, by author: AuthorNumber) -> [Slot] {
        guard !isDeleted(message), graph.isEffective(message) else { return [] }
        let live = (content.reactions[message] ?? []).filter {
            Cost.note(.candidate)
            return graph.author($0) == author && graph.isEffective($0) && !isTakenBack($0)
        }
        if live.count <= 1 { return live }
        return Array(live.sorted { graph.precedes($0, $1) }.prefix(Limits.reactionsPerAuthor))
    }

    func isTakenBack(_ reaction: Slot) -> Bool {
        content.reactionRemovals[reaction]?.contains { graph.isEffective($0) } ?? false
    }

    /// All live reactions to a message, in canonical order.
    package func reactions(to id: Event.ID) -> [(id: Event.ID, author: Peer.ID)] {
        guard let message = graph.slot(of: id), let all = content.reactions[message],
            !all.isEmpty
        else { return [] }
        let authors = Set(all.map { graph.author($0) })
        return authors.flatMap { reactions(to: message, by: $0) }
            .sorted { graph.precedes($0, $1) }.map { (graph.id($0), graph.peer($0)) }
    }

    /// Pins of a channel that hold, in canonical order: message and the event that pinned it.
    func pins(of record: ChannelRecord) -> [(message: Slot, pin: Slot)] {
        let live = (content.pinned[record.slot] ?? []).compactMap { message in
            Cost.note(.candidate)
            return graph.isEffective(message) && !isDeleted(message)
                ? livePin(of: message).map { (message: message, pin: $0) } : nil
        }
        let ordered = live.sorted { graph.precedes($0.pin, $1.pin) }
        return Array(ordered.prefix(Limits.pinsPerChannel))
    }

    func livePin(of message: Slot) -> Slot? {
        lastEffective(of: content.pins[message] ?? []).flatMap {
            graph.kind($0) == MessagePinned.kind ? $0 : nil
        }
    }

    package func pins(of channel: Channel.ID) -> [Event.ID] {
        guard let slot = graph.slot(of: Event.ID(channel)), let record = channelRecords[slot]
        else { return [] }
        return pins(of: record).map { graph.id($0.message) }
    }

    /// The message an event names, as it stands in State(past).
    ///
    /// - Errors: `unknownTarget`, `channelDeleted`, `deleted`.
    func requireMessage(
        _ id: Event.ID, at past: Past
    ) throws(Failure<RuleCode>) -> (slot: Slot, channel: ChannelRecord) {
        guard let slot = graph.slot(of: id), graph.kind(slot) == MessagePosted.kind,
            wasAdmitted(slot), voidCause(of: slot, at: past) == nil,
            let channel = content.subject(of: slot), let record = channelRecords[channel]
        else { throw Failure(.unknownTarget, "no such message") }
        let live = try requireChannel(record.id, at: past)
        let isDeleted = (content.deletions[slot] ?? []).contains { isInForce($0, at: past) }
        if isDeleted { throw Failure(.deleted, "the message was deleted") }
        return (slot, live)
    }

    /// The channel of the message that a reply answers; it may be deleted.
    ///
    /// - Errors: `unknownTarget`.
    func requireParent(
        _ id: Event.ID, at place: EventPlace
    ) throws(Failure<RuleCode>) -> Channel.ID {
        guard let slot = graph.slot(of: id), graph.kind(slot) == MessagePosted.kind,
            wasAdmitted(slot), voidCause(of: slot, at: place.past) == nil,
            let channel = content.subject(of: slot), let record = channelRecords[channel]
        else { throw Failure(.unknownTarget, "no such message") }
        return record.id
    }

    /// The reaction an event names, as it stands in State(past).
    ///
    /// - Errors: `unknownTarget`, `channelDeleted`, `deleted`.
    func requireReaction(_ id: Event.ID, at past: Past) throws(Failure<RuleCode>) -> Slot {
        guard let slot = graph.slot(of: id), graph.kind(slot) == ReactionAdded.kind,
            wasAdmitted(slot), voidCause(of: slot, at: past) == nil,
            let message = content.subject(of: slot)
        else { throw Failure(.unknownTarget, "no such reaction") }
        _ = try requireMessage(graph.id(message), at: past)
        if (content.reactionRemovals[slot] ?? []).contains(where: { isInForce($0, at: past) }) {
            throw Failure(.deleted, "the reaction was removed")
        }
        return slot
    }

    func wasAdmitted(_ slot: Slot) -> Bool { !graph.flags(slot).contains(.inadmissible) }

    mutating func addMessage(_ body: MessagePosted, event: Event, slot: Slot) {
        guard let channel = graph.slot(of: Event.ID(body.channel)) else { return }
        content.setSubject(channel, of: slot)
        if let parent = body.parent.flatMap({ graph.slot(of: $0) }) {
            content.parents[slot] = parent
        }
    }

    /// Notes an event that speaks about a message.
    mutating func addAbout(_ message: Event.ID, _ slot: Slot) {
        guard let subject = graph.slot(of: message) else { return }
        content.setSubject(subject, of: slot)
        content.note(slot, about: subject, in: graph)
    }

    /// Messages whose visible state changed since the last call.
    package mutating func takeTouchedMessages() -> [Event.ID] {
        defer { touchedMessages.removeAll(keepingCapacity: true) }
        return touchedMessages.sorted().map { graph.id($0) }
    }
}
