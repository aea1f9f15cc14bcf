/// A message that is pinned now.
package struct PinInfo: Hashable, Sendable {
    package let message: Event.ID
    /// Who pinned it last, and when by that peer's clock.
    package let author: Peer.ID
    package let atMilliseconds: UInt64
}

/// An event whose effect another one changed.
package struct ChangedEffect: Hashable, Sendable {
    package let event: Event.ID
    package let kind: UInt64
    package let isEffective: Bool
}

/// How a peer stood at one point of the log.
package struct PastStanding: Hashable, Sendable {
    /// `nil` when not an active member.
    package let level: Level?
    package let isSuspended: Bool
}

/// What announcements and views ask of the state.
extension ServerState {
    /// How somebody stood right before a stored event, by the state of its past.
    package func standing(of peer: Peer.ID, before id: Event.ID) -> PastStanding? {
        guard let slot = graph.slot(of: id) else { return nil }
        let past = graph.past(slot)
        if let standing = standing(of: peer, at: past) {
            return PastStanding(level: standing.level, isSuspended: false)
        }
        let isSuspended = wasMember(peer, at: past) && status(of: peer, at: past) == .suspended
        return PastStanding(level: nil, isSuspended: isSuspended)
    }

    /// Whether an event is a removal of `peer`; the first half of a demotion.
    package func isRemoval(_ id: Event.ID, of peer: Peer.ID) -> Bool {
        graph.slot(of: id).flatMap { authority.removals[$0] }?.target == peer
    }

    /// The last event that a removal or suspension still accepts, as far as it was moved.
    package func pin(ofRemoval id: Event.ID) -> Cut? {
        guard let slot = graph.slot(of: id), let removal = authority.removals[slot] else {
            return nil
        }
        let accepted = current.removals[removal.target]?.first { $0.slot == slot }
        return (accepted.map(\.pin) ?? removal.pin).map {
            Cut(seq: graph.seq($0), id: graph.id($0))
        }
    }

    /// Who wrote a stored event.
    package func author(of id: Event.ID) -> Peer.ID? { graph.slot(of: id).map { graph.peer($0) } }

    package func kind(of id: Event.ID) -> UInt64? { graph.slot(of: id).map { graph.kind($0) } }

    /// The author's clock at a stored event, never before that of what he wrote earlier; ms.
    package func wallMilliseconds(of id: Event.ID) -> UInt64? {
        graph.slot(of: id).map { graph.wallPlus($0) }
    }

    /// Edits of a message that take effect, in canonical order.
    package func edits(of id: Event.ID) -> [Event.ID] {
        guard let message = graph.slot(of: id), !isDeleted(message) else { return [] }
        return (content.edits[message] ?? []).filter { graph.isEffective($0) }
            .sorted { graph.precedes($0, $1) }.map { graph.id($0) }
    }

    /// The name a channel had right before an event.
    package func name(of channel: Channel.ID, before id: Event.ID) -> String? {
        guard let slot = graph.slot(of: id), let made = graph.slot(of: Event.ID(channel)),
            let record = channelRecords[made]
        else { return nil }
        let past = graph.past(slot)
        return record.names.filter { $0.slot == made || isInForce($0.slot, at: past) }
            .max { graph.precedes($0.slot, $1.slot) }?.text
    }

    /// Also of a deleted channel.
    package func isVoice(_ channel: Channel.ID) -> Bool {
        graph.slot(of: Event.ID(channel)).flatMap { channelRecords[$0] }?.isVoice ?? false
    }

    /// The name of a role, also of one that was deleted.
    package func lastName(ofRole id: Event.ID) -> String? {
        guard let slot = graph.slot(of: id), let role = authority.roles[slot] else { return nil }
        return role.names.filter { graph.isEffective($0.slot) }
            .max { graph.precedes($0.slot, $1.slot) }?.name
    }

    /// The message a reaction belongs to.
    package func message(ofReaction id: Event.ID) -> Event.ID? {
        graph.slot(of: id).flatMap { content.subject(of: $0) }.map { graph.id($0) }
    }

    /// Whether a message is among the pins of its channel that hold.
    package func isPinned(_ id: Event.ID) -> Bool {
        guard let message = graph.slot(of: id), content.pins[message] != nil,
            let channel = content.subject(of: message), let record = channelRecords[channel]
        else { return false }
        return pins(of: record).contains { $0.message == message }
    }

    /// Pins of a channel that hold, in the order in which they were made.
    package func pinInfos(of channel: Channel.ID) -> [PinInfo] {
        guard let slot = graph.slot(of: Event.ID(channel)), let record = channelRecords[slot]
        else { return [] }
        return pins(of: record).map { entry in
            PinInfo(
                message: graph.id(entry.message), author: graph.peer(entry.pin),
                atMilliseconds: graph.wallPlus(entry.pin))
        }
    }

    /// The events of a forked author that share the lowest such number, by id.
    package func branches(of peer: Peer.ID) -> (seq: UInt64, events: [Event.ID])? {
        guard let author = graph.number(of: peer), let seq = lowestFork(of: author) else {
            return nil
        }
        return (seq, graph.slots(of: author, at: seq).map { graph.id($0) }.sorted())
    }

    /// What became of somebody who ever was a member; `nil` for anybody else.
    package func memberStatus(of peer: Peer.ID) -> MemberStatus? {
        wasMember(peer, at: now) ? status(of: peer, at: now) : nil
    }

    /// The channel that an event is, or is about.
    package func channel(spokenOfBy id: Event.ID) -> Channel.ID? {
        graph.slot(of: id).flatMap { channel(spokenOfBy: $0, deeper: 3) }
    }

    private func channel(spokenOfBy slot: Slot, deeper: Int) -> Channel.ID? {
        if let record = channelRecords[slot] { return record.id }
        guard deeper > 0, let subject = content.subject(of: slot) else { return nil }
        return channel(spokenOfBy: subject, deeper: deeper - 1)
    }

    /// Members whose membership is paused, in order of their keys.
    package var suspendedMembers: [Peer.ID] {
        everMembers(at: now).filter { isSuspended($0) }
    }

    /// The limits a member acts under, its own first.
    package func limits(of peer: Peer.ID) -> [Attenuation] {
        (standing(of: peer)?.grant.flatMap { authority.grants[$0] }?.limits ?? [])
            .map(\.attenuation)
    }

    /// Profile fields that are set, by number, as encoded.
    package func profile(of peer: Peer.ID) -> [UInt64: CBORValue] {
        var result: [UInt64: CBORValue] = [:]
        for number in profiles[peer]?.keys.sorted() ?? [] {
            guard let value = profileValue(peer, number) else { continue }
            do { result[number] = try CBORValue(decoding: value) } catch { continue }
        }
        return result
    }
}

extension Replica {
    /// Events stored before whose effect changed since the last call, in order of their storing.
    package mutating func takeChangedEffects() -> [ChangedEffect] {
        state.changedEffects.isEmpty ? [] : state.takeChangedEffects()
    }
}

extension ServerState {
    fileprivate mutating func takeChangedEffects() -> [ChangedEffect] {
        defer { changedEffects.removeAll(keepingCapacity: true) }
        return changedEffects.sorted { $0.key < $1.key }.compactMap { slot, wasEffective in
            let isEffective = graph.isEffective(slot)
            guard isEffective != wasEffective else { return nil }
            return ChangedEffect(
                event: graph.id(slot), kind: graph.kind(slot), isEffective: isEffective)
        }
    }
}
