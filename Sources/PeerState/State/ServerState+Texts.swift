/// What the tables of readable messages follow.
extension ServerState {
    /// The delete that counts for a message: the first in canonical order that takes effect.
    package func deletion(of id: Event.ID) -> Event.ID? {
        guard let message = graph.slot(of: id) else { return nil }
        return content.deletions[message]?.filter { graph.isEffective($0) }
            .min { graph.precedes($0, $1) }.map { graph.id($0) }
    }

    /// The channel a message was posted to, whether or not it takes effect.
    package func channel(ofMessage id: Event.ID) -> Channel.ID? {
        guard let message = graph.slot(of: id), let slot = content.subject(of: message) else {
            return nil
        }
        return channelRecords[slot]?.id
    }
}

extension Replica {
    /// Messages whose visible state changed since the last call.
    package mutating func takeTouchedMessages() -> [Event.ID] {
        state.touchedMessages.isEmpty ? [] : state.takeTouchedMessages()
    }

    /// Gives up the list of touched messages, where what is shown is known to agree.
    package mutating func forgetTouchedMessages() {
        state.touchedMessages = []
        state.changedEffects = [:]
    }
}
