import PeerNet
package import PeerState

/// What stands around messages: from state, with the emoji that could be opened.
extension NodeCore {
    func surroundings(
        of message: StoredMessage, in slot: HostedServer, _ state: ServerState,
        _ context: MessageContext?
    ) -> MessageSurroundings {
        var around = MessageSurroundings()
        around.root = message.root
        around.replies = context?.replies ?? 0
        if let parent = context?.parent {
            let isDeleted = parent.flags.contains(.deleted)
            var answers = MessageSurroundings.Answered(
                author: shownName(parent.author, in: slot),
                text: isBlocked(parent.author) ? Self.withheld : parent.text,
                isDeleted: isDeleted, trust: trust(in: parent.author, state))
            answers.isSealed = parent.flags.contains(.sealed) && !isDeleted
            around.answers = answers
        }
        if message.flags.contains(.deleted) {
            around.deletedBy = message.sourceAuthor.map { shownName($0, in: slot) }
            return around
        }
        around.reactions = reactions(to: message.id, slot, state)
        around.isPinned = state.isPinned(message.id)
        if message.flags.contains(.edited), let source = message.source {
            around.edits = state.edits(of: message.id).count
            around.editedAtMilliseconds = state.wallMilliseconds(of: source)
        }
        return around
    }

    private func reactions(
        to message: Event.ID, _ slot: HostedServer, _ state: ServerState
    ) -> [ReactionCount] {
        var counts: [ReactionCount] = []
        for reaction in state.reactions(to: message) {
            guard let emoji = reactionTexts[reaction.id] else { continue }
            let author = shownName(reaction.author, in: slot)
            if let index = counts.firstIndex(where: { $0.emoji == emoji }) {
                counts[index].authors.append(author)
                if reaction.author == me { counts[index].isMine = true }
            } else if counts.count < Limits.distinctEmoji {
                counts.append(
                    ReactionCount(emoji: emoji, authors: [author], isMine: reaction.author == me))
            }
        }
        return counts
    }

    /// Live reactions to these messages whose emoji is not at hand.
    package mutating func reactionsToOpen(
        of messages: [(server: Server.ID, id: Event.ID)]
    ) -> [Server.ID: [Event.ID]] {
        // Those of one page never push each other out.
        if reactionTexts.count >= Limits.reactionTextsKept { reactionTexts = [:] }
        var missing: [Server.ID: [Event.ID]] = [:]
        for message in messages {
            let live = servers[message.server]?.state.reactions(to: message.id) ?? []
            let unknown = live.map(\.id).filter { reactionTexts[$0] == nil }
            if !unknown.isEmpty { missing[message.server, default: []] += unknown }
        }
        return missing
    }

    /// Keeps the emoji of stored reactions at hand.
    package mutating func openReactions(_ events: [Event]) {
        for event in events { openReaction(event, in: event.server) }
    }

    /// Opens the earlier texts of a message.
    func versions(
        _ events: [Event], in server: Server.ID
    ) -> [MessageVersion] {
        events.compactMap { event in
            guard let slot = servers[server], case .text(let text) = slot.open(event) else {
                return nil
            }
            return MessageVersion(
                atMilliseconds: slot.state.wallMilliseconds(of: event.id) ?? event.wallMilliseconds,
                text: text.text)
        }
    }
}
