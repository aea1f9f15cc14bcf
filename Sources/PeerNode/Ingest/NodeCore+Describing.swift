package import PeerState

/// What a number of the feed stands for, from the store.
package struct FeedItem: Sendable {
    package let row: FeedRow
    package let event: Event?
    /// The message it is about, as far as it can be read.
    package let message: StoredMessage?
}

/// Turns numbers of the feed into what agents are told; the same for what just happened and for
/// what is read again.
extension NodeCore {
    /// `nil` for what cannot be told any more, such as a message of a deleted channel.
    package mutating func describe(_ item: FeedItem) -> NodeEvent? {
        guard let kind = NodeEventKind(rawValue: item.row.name), let event = item.event,
            let state = servers[item.row.server]?.state
        else { return nil }
        var told = NodeEvent(
            kind, server: item.row.server, atMilliseconds: item.row.atMilliseconds)
        told.feed = item.row.position
        switch kind {
        case .messageReceived, .messageEdited, .messageDeleted, .messagePinned, .messageUnpinned,
            .reactionAdded, .reactionRemoved:
            guard describeMessage(item, event, &told) else { return nil }
        case .fileAnnounced: guard describeFile(item, event, &told) else { return nil }
        case .directOpened:
            told.add("server_id", item.row.server)
            let others = state.participants.filter { $0 != me }
            told.add("peer_id", event.author == me ? others.first : event.author)
        case .eventVoided, .eventRestored:
            told.add("event_id", event.id)
            told.add("author", event.author)
            let rule = item.row.rule ?? state.verdict(on: event.id)?.word
            if let rule { told.add("rule", .word(rule)) }
            told.add("was", .word(Self.name(of: event)))
            told.channel = channel(of: event, state)
        case .forkDetected:
            told.add("author", event.author)
            let fork = state.branches(of: event.author)
            told.add("seq", .number(fork?.seq ?? event.seq))
            told.add("event_ids", .words(fork.map { $0.events.prefix(2).map(\.hex) } ?? []))
        default:
            if !describeRights(event, state, &told) && !describeVote(event, state, &told) {
                describePlace(event, state, &told)
            }
        }
        return told
    }

    /// The name under which an event was announced, or would be.
    private static func name(of event: Event) -> String {
        switch event.body {
        case is MessagePosted: NodeEventKind.messageReceived.rawValue
        case is MessageEdited: NodeEventKind.messageEdited.rawValue
        case is MessageDeleted: NodeEventKind.messageDeleted.rawValue
        case is MemberGranted: NodeEventKind.memberJoined.rawValue
        case is Enacted: NodeEventKind.proposalEnacted.rawValue
        default: kindName(event.kind)?.rawValue ?? String(describing: type(of: event.body))
        }
    }

    private func channel(of event: Event, _ state: ServerState) -> Channel.ID? {
        guard let subject = event.body.subject else { return nil }
        if state.channel(Channel.ID(subject)) != nil { return Channel.ID(subject) }
        return state.channel(ofMessage: subject)
            ?? state.message(ofReaction: subject).flatMap { state.channel(ofMessage: $0) }
    }

    // Messages

    /// The name under which a channel is read; a conversation has that of its people.
    func title(of channel: Channel.ID, in server: Server.ID) -> String {
        guard let slot = servers[server] else { return "" }
        return slot.state.isDirect
            ? directTitle(of: slot) : slot.state.channel(channel)?.name ?? ""
    }

    private mutating func describeMessage(
        _ item: FeedItem, _ event: Event, _ told: inout NodeEvent
    ) -> Bool {
        guard let state = servers[item.row.server]?.state,
            let message = Self.message(of: event, state),
            let channel = state.channel(ofMessage: message)
        else { return false }
        told.channel = channel
        told.add("channel", .text(title(of: channel, in: item.row.server)))
        told.add("channel_id", channel)
        told.add("message_id", message)
        switch told.kind {
        case .messageReceived:
            guard let shown = item.message else { return false }
            told.add("author", event.author)
            told.add("is_local", .flag(event.author == me))
            told.add("mention", .flag(shown.flags.contains(.mention)))
            told.add("reply_to", shown.parent)
            told.add("channel_seq", .number(item.row.channelSeq))
            told.add("late", .flag(shown.flags.contains(.late)))
        case .messageEdited: told.add("new_body", .text(item.message?.text ?? ""))
        case .reactionAdded, .reactionRemoved:
            let reaction = (event.body as? ReactionRemoved)?.reaction ?? event.id
            if reaction == event.id && reactionTexts[reaction] == nil {
                noteReaction(event, in: item.row.server)
            }
            if let emoji = reactionTexts[reaction] { told.add("emoji", .text(emoji)) }
            told.add("author", state.author(of: reaction))
        default: told.add("by", event.author)
        }
        return true
    }

    /// The message that an event is, or speaks of.
    static func message(of event: Event, _ state: ServerState) -> Event.ID? {
        switch event.body {
        case is MessagePosted: event.id
        case let body as MessageEdited: body.message
        case let body as MessageDeleted: body.message
        case let body as MessagePinned: body.message
        case let body as MessageUnpinned: body.message
        case let body as ReactionAdded: body.message
        case let body as ReactionRemoved: state.message(ofReaction: body.reaction)
        default: nil
        }
    }

    // Members and rights

    private func describeRights(
        _ event: Event, _ state: ServerState, _ told: inout NodeEvent
    ) -> Bool {
        switch event.body {
        case let body as MemberGranted:
            told.add("peer_id", body.target)
            if told.kind != .memberJoined && told.kind != .memberRestored {
                told.add("level", .word(body.level.word))
            }
        case let body as MemberAdmitted:
            told.add("peer_id", body.target)
            told.add("via", body.link)
        case let body as MemberRemoved: told.add("peer_id", body.target)
        case let body as MemberSuspended: told.add("peer_id", body.target)
        case is MemberLeft: told.add("peer_id", event.author)
        case let body as RemovalExtended:
            describePin(of: body.pin, seq: body.seq, state, &told)
        case let body as BranchConfirmed:
            describePin(of: body.pin, seq: body.seq, state, &told)
        case let body as OwnershipTransferred: told.add("owner", body.target)
        case let body as PermissionGranted: describe(body.permission, of: body.target, &told)
        case let body as PermissionRevoked: describe(body.permission, of: body.target, &told)
        case let body as ProfileUpdated: return describe(body, by: event.author, &told)
        default: return describeRole(event, state, &told)
        }
        if !(event.body is MemberLeft) { told.add("by", event.author) }
        if event.body is MemberRemoved || event.body is MemberSuspended {
            told.add("last_accepted", .place(state.pin(ofRemoval: event.id)))
        }
        return true
    }

    private func describe(
        _ body: ProfileUpdated, by author: Peer.ID, _ told: inout NodeEvent
    ) -> Bool {
        told.add("peer_id", author)
        let state = told.server.flatMap { servers[$0]?.state }
        told.add("display_name", .text(state?.displayName(of: author) ?? author.short))
        return true
    }

    private func describe(
        _ permission: PermissionNumber, of target: Peer.ID, _ told: inout NodeEvent
    ) {
        told.add("peer_id", target)
        told.add("permission", .word(permission.permissions.words.joined()))
    }

    private func describePin(
        of pin: Event.ID, seq: UInt64, _ state: ServerState, _ told: inout NodeEvent
    ) {
        told.add("peer_id", state.author(of: pin))
        told.add("last_accepted", .place(Cut(seq: seq, id: pin)))
    }

    private func describeRole(
        _ event: Event, _ state: ServerState, _ told: inout NodeEvent
    ) -> Bool {
        switch event.body {
        case let body as RoleCreated:
            told.add("name", .text(body.name))
            told.add("role_id", event.id)
        case let body as RoleDeleted:
            told.add("name", .text(state.lastName(ofRole: body.role) ?? ""))
            told.add("role_id", body.role)
        case let body as RoleRenamed:
            told.add("role_id", body.role)
            told.add("name", .text(body.name))
        case let body as RolePermissionSet:
            told.add("role_id", body.role)
            told.add("permission", .word(body.permission.permissions.words.joined()))
            told.add("granted", .flag(body.isHeld))
        case let body as RoleAssigned:
            told.add("peer_id", body.target)
            told.add("role_id", body.role)
        case let body as RoleUnassigned:
            told.add("peer_id", body.target)
            told.add("role_id", body.role)
        default: return false
        }
        told.add("by", event.author)
        return true
    }

    // Votes

    private func describeVote(
        _ event: Event, _ state: ServerState, _ told: inout NodeEvent
    ) -> Bool {
        switch event.body {
        case let body as Proposed:
            told.add("proposal_id", event.id)
            guard told.kind == .proposalCreated else { return true }
            told.add("action", .word(body.action.word))
            told.add("target", body.action.target)
            describeCount(event.id, state, &told, withLife: true)
        case let body as BallotCast:
            told.add("proposal_id", body.proposal)
            told.add("voter", event.author)
            told.add("accept", .flag(body.accepts))
            describeCount(body.proposal, state, &told, withLife: false)
        case let body as Withdrawn: told.add("proposal_id", body.proposal)
        case let body as Enacted: describe(body, event, state, &told)
        default: return false
        }
        return true
    }

    private func describe(
        _ body: Enacted, _ event: Event, _ state: ServerState, _ told: inout NodeEvent
    ) {
        let action = state.proposal(body.proposal)?.body.action
        switch told.kind {
        case .proposalEnacted: told.add("proposal_id", body.proposal)
        case .thresholdChanged:
            if case .setThreshold(let threshold) = action {
                told.add("threshold", .word(threshold.word))
            }
        case .peerTrusted:
            told.add("peer_id", action?.target)
            if case .raise(_, let level) = action { told.add("level", .word(level.word)) }
            told.add("by", event.author)
        default:
            told.add("peer_id", action?.target)
            told.add("by", event.author)
            told.add("last_accepted", .place(body.cut))
        }
    }

    private func describeCount(
        _ id: Event.ID, _ state: ServerState, _ told: inout NodeEvent, withLife: Bool
    ) {
        guard let info = state.proposal(id) else { return }
        told.add("have", .number(UInt64(info.yes.count)))
        told.add("need", .number(UInt64(info.needed)))
        if withLife { told.add("life_left", .number(info.lifeLeft)) }
    }

    // Servers, channels and keys

    private func describePlace(_ event: Event, _ state: ServerState, _ told: inout NodeEvent) {
        switch event.body {
        case let body as ServerRenamed: told.add("new_name", .text(body.name))
        case let body as ServerDescribed: told.add("description", .text(body.description))
        case let body as ChannelCreated:
            told.channel = Channel.ID(event.id)
            told.add("name", .text(body.name))
            told.add("channel_id", event.id)
            told.add("kind", .word(body.isVoice ? "voice" : "text"))
        case let body as KeyRotated:
            told.channel = body.channel
            told.add("channel_id", body.channel)
            told.add("epoch", event.id)
            if let reason = state.rotationReason(of: Epoch.ID(event.id)) {
                told.add("reason", .word(reason.rawValue))
            }
        case let body as KeyFaulted:
            told.channel = body.channel
            told.add("channel_id", body.channel)
            told.add("epoch", body.epoch)
            told.add("by", event.author)
            told.add("reason", .word(body.reason == .commitMismatch ? "commit" : "cannot_open"))
        default: describeChannel(event, state, &told)
        }
    }

    private func describeChannel(_ event: Event, _ state: ServerState, _ told: inout NodeEvent) {
        guard let subject = event.body.subject else { return }
        let channel = Channel.ID(subject)
        told.channel = channel
        let name = state.name(of: channel, before: event.id) ?? ""
        switch event.body {
        case is ChannelDeleted:
            told.add("name", .text(name))
            told.add("channel_id", channel)
            told.add("kind", .word(state.isVoice(channel) ? "voice" : "text"))
        case let body as ChannelRenamed:
            told.add("name", .text(body.name))
            told.add("old_name", .text(name))
            told.add("channel_id", channel)
        case let body as ChannelTopicSet:
            told.add("channel", .text(name))
            told.add("channel_id", channel)
            told.add("topic", .text(body.topic))
        case let body as ChannelReadersSet:
            told.add("channel", .text(name))
            told.add("channel_id", channel)
            told.add("roles", .words((body.readers ?? []).map(\.hex)))
        case is ChannelRevived:
            told.add("channel", .text(name))
            told.add("channel_id", channel)
            let idle = state.channel(channel).map {
                ChannelIdle($0, nowMilliseconds: now.wallMilliseconds)
            }
            told.add("state", .word((idle?.state ?? .active).rawValue))
        default: break
        }
    }
}

extension VoteAction {
    /// As tools and events write it.
    package var word: String {
        switch self {
        case .raise(_, let level): "raise to \(level.word)"
        case .remove: "remove"
        case .suspend: "suspend"
        case .setThreshold(let threshold): "threshold \(threshold.word)"
        }
    }
}

extension Threshold {
    /// As tools and events write it.
    package var word: String {
        switch self {
        case .majority: "majority"
        case .unanimous: "unanimous"
        case .count(let count): "count:\(count)"
        }
    }
}
