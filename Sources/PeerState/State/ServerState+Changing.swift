/// Which incremental rows an event can change.
private enum FoldScope {
    case none
    /// The row of a message and those of all its reactions.
    case message(Slot)
    /// That of the message stored last, of which nothing can speak yet.
    case newest(Slot)
    /// The row of a message alone.
    case text(Slot)
    /// The reactions of one author to a message.
    case reactions(Slot, AuthorNumber)
}

private typealias FoldRows = (message: [UInt8]?, reactions: [[UInt8]])

extension ServerState {
    /// Changes the flags of one event and keeps the row sums in step.
    ///
    /// Rows are functions of what the flags say: they are taken out before and put back after.
    mutating func change(_ slot: Slot, to flags: EventGraph.Flags) {
        let old = graph.flags(slot)
        let scope = scope(of: slot)
        if case .newest = scope {
            changeNewest(slot, from: old, to: flags)
        } else {
            let before = rows(in: scope)
            graph.setFlags(flags, of: slot)
            replace(before, by: rows(in: scope), in: scope)
            if old.isEffective != flags.isEffective { noteEffect(of: slot, flags.isEffective) }
        }
        if old.hasVoidRow != flags.hasVoidRow {
            let row = StateRows.void(graph.id(slot))
            if old.hasVoidRow { voidRows.remove(row) } else { voidRows.add(row) }
        }
    }

    /// The same for the message stored last: the record of its channel is looked up once.
    private mutating func changeNewest(
        _ slot: Slot, from old: EventGraph.Flags, to flags: EventGraph.Flags
    ) {
        let before = old.isEffective ? newestRow(slot) : nil
        graph.setFlags(flags, of: slot)
        let after = flags.isEffective ? newestRow(slot) : nil
        touchedMessages.insert(slot)
        guard old.isEffective || flags.isEffective else { return }
        if old.isEffective != flags.isEffective {
            content.messageCount += flags.isEffective ? 1 : -1
        }
        guard let channel = content.subject(of: slot),
            let place = channelRecords.index(forKey: channel)
        else { return }
        if let before { channelRecords.values[place].messageRows.remove(before) }
        if let after { channelRecords.values[place].messageRows.add(after) }
        if !old.isEffective {
            channelRecords.values[place].rise(to: graph.wallPlus(slot))
        } else if !flags.isEffective {
            noteActivity(of: channel, slot, isNew: false)
        }
    }

    private func newestRow(_ slot: Slot) -> [UInt8]? {
        guard let channel = content.subject(of: slot) else { return nil }
        return StateRows.message(
            slot, in: Channel.ID(graph.id(channel)), text: slot, isDeleted: false, self)
    }

    private func scope(of slot: Slot) -> FoldScope {
        guard let subject = content.subject(of: slot) else { return .none }
        switch graph.kind(slot) {
        case MessagePosted.kind:
            return Int(slot.index) + 1 == graph.count ? .newest(slot) : .message(slot)
        case MessageEdited.kind: return .text(subject)
        case MessageDeleted.kind: return .message(subject)
        case ReactionAdded.kind: return .reactions(subject, graph.author(slot))
        case ReactionRemoved.kind:
            guard let message = content.subject(of: subject) else { return .none }
            return .reactions(message, graph.author(subject))
        default: return .none
        }
    }

    private func rows(in scope: FoldScope) -> FoldRows {
        switch scope {
        case .none, .newest: return (nil, [])
        case .text(let message): return (messageRow(message), [])
        case .reactions(let message, let author):
            return (nil, reactionRows(reactions(to: message, by: author), message))
        case .message(let message):
            guard let speaking = content.reactions[message] else {
                return (messageRow(message), [])
            }
            let authors = Set(speaking.map { graph.author($0) })
            return (
                messageRow(message),
                authors.flatMap { reactionRows(reactions(to: message, by: $0), message) }
            )
        }
    }

    private func messageRow(_ slot: Slot) -> [UInt8]? {
        guard graph.isEffective(slot), let channel = content.subject(of: slot),
            channelRecords[channel] != nil
        else { return nil }
        // A channel's id is that of its first event, in a direct server the server's.
        return StateRows.message(slot, in: Channel.ID(graph.id(channel)), self)
    }

    private func reactionRows(_ reactions: [Slot], _ message: Slot) -> [[UInt8]] {
        reactions.map { StateRows.reaction($0, to: message, self) }
    }

    private mutating func replace(
        _ before: FoldRows, by after: FoldRows, in scope: FoldScope
    ) {
        let message: Slot
        switch scope {
        case .none, .newest: return
        case .message(let slot), .text(let slot), .reactions(let slot, _): message = slot
        }
        touchedMessages.insert(message)
        guard let channel = content.subject(of: message) else { return }
        if let row = before.message { channelRecords[channel]?.messageRows.remove(row) }
        for row in before.reactions { channelRecords[channel]?.reactionRows.remove(row) }
        if let row = after.message { channelRecords[channel]?.messageRows.add(row) }
        for row in after.reactions { channelRecords[channel]?.reactionRows.add(row) }
    }

    /// Counts that are not rows.
    private mutating func noteEffect(of slot: Slot, _ isEffective: Bool) {
        if graph.flags(slot).contains(.setup), let grant = authority.grants[slot] {
            regranted.insert(grant.target)
        }
        if Int(slot.index) + 1 < graph.count && changedEffects[slot] == nil {
            changedEffects[slot] = !isEffective
        }
        switch graph.kind(slot) {
        case MessagePosted.kind:
            content.messageCount += isEffective ? 1 : -1
            if let channel = content.subject(of: slot) {
                noteActivity(of: channel, slot, isNew: isEffective)
            }
        case ChannelRevived.kind:
            if let channel = content.subject(of: slot) {
                noteActivity(of: channel, slot, isNew: isEffective)
            }
        case ChannelCreated.kind, ServerCreated.kind:
            if isEffective && channelRecords[slot] != nil {
                noteActivity(of: slot, slot, isNew: true)
            }
        default: break
        }
    }
}
