import PeerNet
import PeerState

/// Acts on messages that are there.
extension NodeCore {
    mutating func perform(
        _ act: ContentAct, on message: Event.ID, in server: Server.ID, _ principal: String
    ) throws(NodeFailure) -> Outcome {
        let info = try messageInfo(message, in: server)
        var outcome =
            switch act {
            case .edit(let text): try edit(message, info, text, server, principal)
            case .delete(let reason): try delete(message, info, reason, server)
            case .react(let emoji): try react(message, info, emoji, server)
            case .unreact(let emoji): try unreact(message, emoji, server)
            case .pin: try pin(message, info, server)
            case .unpin: try unpin(message, info, server)
            }
        outcome.channel = info.channel
        if outcome.kind == .applied { change(.messages(server, info.channel)) }
        return outcome
    }

    private func messageInfo(
        _ id: Event.ID, in server: Server.ID
    ) throws(NodeFailure) -> MessageInfo {
        guard let info = try hosted(server).state.message(id) else {
            throw NodeFailure(.unknownMessage, "no message \(id.short) is known here")
        }
        return info
    }

    private func checkPresent(_ info: MessageInfo) throws(NodeFailure) {
        guard info.status != .deleted else {
            throw NodeFailure(.deleted, "the message was deleted")
        }
    }

    private mutating func edit(
        _ message: Event.ID, _ info: MessageInfo, _ text: String, _ server: Server.ID,
        _ principal: String
    ) throws(NodeFailure) -> Outcome {
        try checkPresent(info)
        guard info.author == me else {
            throw NodeFailure(.notAuthor, "only the author of a message edits it")
        }
        guard (1...Limits.maxText).contains(text.utf8.count) else {
            throw NodeFailure(
                .tooLarge,
                "a message has 1 to \(Limits.maxText) bytes of text, this one \(text.utf8.count)")
        }
        let named = try mentions(in: text, hosted(server))
        let event = try writeSealed(
            kind: MessageEdited.kind, channel: info.channel, in: server, principal: principal
        ) { place, key, entropy in
            let text = MessageText(text, mentions: named.mentioned)
            return MessageEdited(
                message: message, sealed: place.seal(text, channelKey: key, &entropy))
        }
        var outcome = outcome(.applied, event, server)
        outcome.unresolved = named.unresolved
        return outcome
    }

    private mutating func delete(
        _ message: Event.ID, _ info: MessageInfo, _ reason: String, _ server: Server.ID
    ) throws(NodeFailure) -> Outcome {
        if info.status == .deleted { return Outcome(.unchanged, server: server) }
        try checkText(reason, .multiline, max: 200, "reason")
        if info.author != me, !(try mine(server)).contains(.moderateMessages) {
            throw NodeFailure(
                .notAuthor, "needs ModerateMessages to delete what somebody else wrote")
        }
        let event = try write(MessageDeleted(message: message, reason: reason), in: server)
        return outcome(.applied, event, server)
    }

    /// What this node may do in a server.
    func mine(_ server: Server.ID) throws(NodeFailure) -> Permissions {
        let state = try hosted(server).state
        return state.permissions(of: me, at: state.now)
    }

    // Pins

    private mutating func pin(
        _ message: Event.ID, _ info: MessageInfo, _ server: Server.ID
    ) throws(NodeFailure) -> Outcome {
        try checkPresent(info)
        let pins = try hosted(server).state.pins(of: info.channel)
        if pins.contains(message) { return pinned(Outcome(.unchanged, server: server), info) }
        guard pins.count < Limits.pinsPerChannel else {
            throw NodeFailure(.limit, "a channel holds \(Limits.pinsPerChannel) pins")
        }
        let event = try write(MessagePinned(message: message), in: server)
        return pinned(outcome(.applied, event, server), info)
    }

    private mutating func unpin(
        _ message: Event.ID, _ info: MessageInfo, _ server: Server.ID
    ) throws(NodeFailure) -> Outcome {
        guard try hosted(server).state.pins(of: info.channel).contains(message) else {
            return pinned(Outcome(.unchanged, server: server), info)
        }
        let event = try write(MessageUnpinned(message: message), in: server)
        return pinned(outcome(.applied, event, server), info)
    }

    private func pinned(_ outcome: Outcome, _ info: MessageInfo) -> Outcome {
        var outcome = outcome
        outcome.pinCount = outcome.server.flatMap {
            servers[$0]?.state.pins(of: info.channel).count
        }
        return outcome
    }
}
