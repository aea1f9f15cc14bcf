/// What is left of an event that takes effect: a later one may say otherwise, or have deleted what
/// it speaks of.
extension ServerState {
    /// The event because of which one that takes effect does not show; `nil` while it shows.
    func overruler(of slot: Slot) -> Slot? {
        switch graph.kind(slot) {
        case ServerRenamed.kind: latest(names.map { $0.slot }, besides: slot)
        case ServerDescribed.kind: latest(descriptions.map { $0.slot }, besides: slot)
        case ChannelCreated.kind: channelRecords[slot].flatMap { deletion(of: $0) }
        case ChannelRenamed.kind, ChannelTopicSet.kind, ChannelReadersSet.kind:
            overruler(ofChange: slot)
        case RoleRenamed.kind:
            authority.roles.values.map { $0.names.map { $0.slot } }
                .first { $0.contains(slot) }.flatMap { latest($0, besides: slot) }
        case MessagePosted.kind: overruler(ofMessage: slot)
        case MessageEdited.kind:
            content.subject(of: slot).flatMap { message in
                let text = textSlot(of: message)
                return overruler(ofMessage: message) ?? (text == slot ? nil : text)
            }
        default: nil
        }
    }

    private func overruler(ofChange slot: Slot) -> Slot? {
        for record in channelRecords.values {
            let written = [
                record.names.map { $0.slot }, record.topics.map { $0.slot },
                record.rules.map { $0.slot },
            ]
            guard let same = written.first(where: { $0.contains(slot) }) else { continue }
            return deletion(of: record) ?? latest(same, besides: slot)
        }
        return nil
    }

    private func overruler(ofMessage slot: Slot) -> Slot? {
        let channel = content.subject(of: slot).flatMap { channelRecords[$0] }
        return channel.flatMap { deletion(of: $0) } ?? first(content.deletions[slot] ?? [])
    }

    private func deletion(of record: ChannelRecord) -> Slot? { first(record.deletions) }

    /// The first in canonical order that takes effect.
    private func first(_ slots: [Slot]) -> Slot? {
        slots.filter { graph.isEffective($0) }.min { graph.precedes($0, $1) }
    }

    /// The last in canonical order that takes effect; `nil` if that is the one asked about.
    private func latest(_ slots: [Slot], besides slot: Slot) -> Slot? {
        let last = slots.filter { graph.isEffective($0) }.max { graph.precedes($0, $1) }
        return last == slot ? nil : last
    }
}
