extension ServerState {
    /// The channel an event names, if it stands in State(past).
    ///
    /// - Errors: `unknownTarget`, `channelDeleted`.
    func requireChannel(_ id: Channel.ID, at past: Past) throws(Failure<RuleCode>) -> ChannelRecord
    {
        guard let slot = graph.slot(of: Event.ID(id)), let record = channelRecords[slot],
            isDirect || isInForce(slot, at: past)
        else { throw Failure(.unknownTarget, "no such channel") }
        try requireLive(record, at: past)
        return record
    }

    /// The same for an event that points at the channel.
    func requireChannel(
        _ id: Channel.ID, at place: EventPlace
    ) throws(Failure<RuleCode>) -> ChannelRecord {
        guard let slot = graph.slot(of: Event.ID(id)), let record = channelRecords[slot],
            isDirect || isInForce(slot, at: place)
        else { throw Failure(.unknownTarget, "no such channel") }
        try requireLive(record, at: place.past)
        return record
    }

    private func requireLive(
        _ record: ChannelRecord, at past: Past
    ) throws(Failure<RuleCode>) {
        if record.deletions.contains(where: { isInForce($0, at: past) }) {
            throw Failure(.channelDeleted, "the channel was deleted")
        }
    }

    /// The reader rule of a channel in State(past); `nil` = every member.
    func readerRule(of record: ChannelRecord, at past: Past) -> [Event.ID]? {
        guard record.rules.count > 1 else { return record.rules[0].readers }
        return record.rules.filter { $0.slot == record.slot || isInForce($0.slot, at: past) }
            .max { graph.precedes($0.slot, $1.slot) }?.readers
    }

    /// Whether a member may read a channel (PROTOCOL 7.1).
    package func isReader(_ peer: Peer.ID, of channel: Channel.ID, at past: Past) -> Bool {
        guard let slot = graph.slot(of: Event.ID(channel)), let record = channelRecords[slot]
        else { return false }
        return isReader(peer, of: record, at: past)
    }

    /// The same for a channel that was looked up before.
    func isReader(_ peer: Peer.ID, of record: ChannelRecord, at past: Past) -> Bool {
        guard let standing = standing(of: peer, at: past) else { return false }
        if standing.mayBeLimited {
            for limit in standing.grant.flatMap({ authority.grants[$0] })?.limits ?? [] {
                if let channels = limit.attenuation.channels, !channels.contains(record.id) {
                    return false
                }
            }
        }
        guard let readers = readerRule(of: record, at: past) else { return true }
        return readers.contains { id in
            guard let role = graph.slot(of: id), isLive(role: role, at: past) else { return false }
            return holdsRole(peer, role, at: past)
        }
    }

    func requireReader(
        _ peer: Peer.ID, of channel: Channel.ID, at past: Past
    ) throws(Failure<RuleCode>) {
        guard isReader(peer, of: channel, at: past) else { throw Failure(.notReader) }
    }

    mutating func addChannel(_ body: ChannelCreated, event: Event, slot: Slot) {
        channelRecords[slot] = ChannelRecord(body, slot: slot, id: Channel.ID(event.id))
    }

    mutating func changeChannel(
        _ id: Channel.ID, _ change: (inout ChannelRecord) -> Void
    ) {
        guard let slot = graph.slot(of: Event.ID(id)), channelRecords[slot] != nil else { return }
        change(&channelRecords[slot, default: ChannelRecord(direct: id, slot: slot)])
    }

    func isLive(_ record: ChannelRecord) -> Bool {
        graph.isEffective(record.slot) && !record.deletions.contains { graph.isEffective($0) }
    }

    /// Channels that hold a place: the first `maxChannels` in canonical order (PROTOCOL 12).
    var holdingRecords: [ChannelRecord] {
        // Sorted by keys made beforehand: what compares would hold a copy of the whole state.
        var live: [(order: OrderKey, record: ChannelRecord)] = []
        for record in channelRecords.values where isLive(record) {
            live.append((graph.order(record.slot), record))
        }
        live.sort { $0.order < $1.order }
        return live.prefix(Limits.maxChannels).map(\.record)
    }

    package var holdingChannels: [ChannelInfo] { holdingRecords.map { info(of: $0) } }

    /// One channel that is there now; `nil` for one that is deleted or void.
    package func channel(_ id: Channel.ID) -> ChannelInfo? {
        guard let slot = graph.slot(of: Event.ID(id)), let record = channelRecords[slot],
            isLive(record)
        else { return nil }
        return info(of: record)
    }

    package var channelCount: Int { channelRecords.values.count { isLive($0) } }

    private func info(of record: ChannelRecord) -> ChannelInfo {
        let rule = record.rules.filter { graph.isEffective($0.slot) }
            .max { graph.precedes($0.slot, $1.slot) }
        return ChannelInfo(
            id: record.id, name: latest(record.names) ?? "", topic: latest(record.topics) ?? "",
            isVoice: record.isVoice, history: record.history, readers: rule?.readers,
            idleMilliseconds: record.idleMilliseconds, activity: record.activity,
            order: graph.order(record.slot),
            epochIDs: record.epochIDs.filter { isEffective(epoch: $0) })
    }

    func isEffective(epoch id: Epoch.ID) -> Bool {
        graph.slot(of: Event.ID(id)).map { graph.isEffective($0) } ?? false
    }

    /// Raises the activity of a channel, or takes it together anew when something fell away.
    mutating func noteActivity(of channel: Slot, _ slot: Slot, isNew: Bool) {
        let wall = graph.wallPlus(slot)
        if isNew {
            if let place = channelRecords.index(forKey: channel) {
                channelRecords.values[place].rise(to: wall)
            }
            return
        }
        guard let record = channelRecords[channel], wall == record.activity else { return }
        var activity = graph.wallPlus(channel)
        for index in 0..<Int32(graph.count) {
            let other = Slot(index: index)
            guard content.subject(of: other) == channel, graph.isEffective(other),
                [MessagePosted.kind, ChannelRevived.kind].contains(graph.kind(other))
            else { continue }
            activity = max(activity, graph.wallPlus(other))
        }
        channelRecords[channel]?.activity = activity
    }
}
