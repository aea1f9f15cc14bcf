/// What waits for a place: effective, and without effect (PROTOCOL 12).
extension ServerState {
    /// Whether an effective event is beyond the number of live things of its kind.
    func isOverLimit(_ slot: Slot) -> Bool {
        switch graph.kind(slot) {
        case ChannelCreated.kind:
            guard let record = channelRecords[slot], isLive(record) else { return false }
            return !holdingRecords.contains { $0.slot == slot }
        case MessagePinned.kind: return isPinOverLimit(slot)
        case ReactionAdded.kind: return isReactionOverLimit(slot)
        default: return false
        }
    }

    /// - Complexity: O(1) in a channel with no more pinned messages than may be; else those.
    private func isPinOverLimit(_ slot: Slot) -> Bool {
        guard let message = content.subject(of: slot), let channel = content.subject(of: message),
            (content.pinned[channel]?.count ?? 0) > Limits.pinsPerChannel,
            let record = channelRecords[channel], isLive(record), !isDeleted(message),
            graph.isEffective(message), livePin(of: message) == slot
        else { return false }
        return !pins(of: record).contains { $0.pin == slot }
    }

    /// - Complexity: O(1) for a message with no more reactions than one may give; else those.
    private func isReactionOverLimit(_ slot: Slot) -> Bool {
        guard let message = content.subject(of: slot),
            (content.reactions[message]?.count ?? 0) > Limits.reactionsPerAuthor,
            !isDeleted(message), graph.isEffective(message), !isTakenBack(slot)
        else { return false }
        return !reactions(to: message, by: graph.author(slot)).contains(slot)
    }
}
