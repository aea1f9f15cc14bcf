import PeerNet
import PeerState

/// Reactions: sealed like messages, one event each.
extension NodeCore {
    mutating func react(
        _ message: Event.ID, _ info: MessageInfo, _ emoji: String, _ server: Server.ID
    ) throws(NodeFailure) -> Outcome {
        guard info.status != .deleted else {
            throw NodeFailure(.deleted, "the message was deleted")
        }
        try checkText(emoji, .name, max: ReactionText.emojiMax, "emoji")
        if let present = ownReaction(to: message, emoji, server) {
            var outcome = Outcome(.unchanged, server: server)
            outcome.event = present
            return counted(outcome, message)
        }
        try checkRoom(on: message, for: emoji, server)
        let event = try writeSealed(
            kind: ReactionAdded.kind, channel: info.channel, in: server
        ) { place, key, entropy in
            ReactionAdded(
                message: message,
                sealed: place.seal(ReactionText(emoji), channelKey: key, &entropy))
        }
        reactionTexts[event.id] = emoji
        return counted(outcome(.applied, event, server), message)
    }

    mutating func unreact(
        _ message: Event.ID, _ emoji: String, _ server: Server.ID
    ) throws(NodeFailure) -> Outcome {
        guard let reaction = ownReaction(to: message, emoji, server) else {
            return counted(Outcome(.unchanged, server: server), message)
        }
        let event = try write(ReactionRemoved(reaction: reaction), in: server)
        return counted(outcome(.applied, event, server), message)
    }

    /// Keeps the emoji of a reaction that became part of the set at hand, while there is room.
    mutating func noteReaction(_ event: Event, in server: Server.ID) {
        guard reactionTexts.count < Limits.reactionTextsKept else { return }
        openReaction(event, in: server)
    }

    mutating func openReaction(_ event: Event, in server: Server.ID) {
        guard let body = event.body(as: ReactionAdded.self), let slot = servers[server],
            let epoch = slot.state.epochs[body.sealed.epoch], var key = slot.keys.key(epoch.id)
        else { return }
        defer { Sodium.wipe(&key) }
        let place = MessagePlace(
            server: server, channel: epoch.channel, epoch: epoch.id, commit: epoch.commit,
            author: event.author, seq: event.seq, prev: event.prev, kind: event.kind)
        do {
            reactionTexts[event.id] = try place.openReaction(body.sealed, channelKey: key).emoji
        } catch {
            log.log(.debug, "reaction \(event.id) does not open: \(error)")
        }
    }

    private func ownReaction(
        to message: Event.ID, _ emoji: String, _ server: Server.ID
    ) -> Event.ID? {
        let own = servers[server]?.state.reactions(to: message, by: me) ?? []
        return own.first { reactionTexts[$0] == emoji }
    }

    private func checkRoom(
        on message: Event.ID, for emoji: String, _ server: Server.ID
    ) throws(NodeFailure) {
        let state = try hosted(server).state
        guard state.reactions(to: message, by: me).count < Limits.reactionsPerAuthor else {
            throw NodeFailure(
                .limit, "one peer has \(Limits.reactionsPerAuthor) reactions to a message")
        }
        let shown = Set(state.reactions(to: message).compactMap { reactionTexts[$0.id] })
        guard shown.contains(emoji) || shown.count < Limits.distinctEmoji else {
            throw NodeFailure(.limit, "a message shows \(Limits.distinctEmoji) different emoji")
        }
    }

    private func counted(_ outcome: Outcome, _ message: Event.ID) -> Outcome {
        var outcome = outcome
        let live = outcome.server.flatMap { servers[$0]?.state.reactions(to: message) } ?? []
        outcome.reactions = live.reduce(into: [:]) { counts, reaction in
            if let emoji = reactionTexts[reaction.id] { counts[emoji, default: 0] += 1 }
        }
        return outcome
    }
}

extension Limits {
    package static let distinctEmoji = 32
}
