import PeerNet
import PeerState

/// Says what an event lets agents notice, whoever caused it: numbers it in the feed, in the batch
/// that makes it durable, and wakes the views that may read differently.
extension NodeCore {
    /// Announces an event that joined the set.
    mutating func announce(_ item: Replica.Stored, in server: Server.ID) {
        // A message is announced once it can be read.
        guard item.void == nil, item.event.kind != MessagePosted.kind else { return }
        for changed in Self.changes(by: item.event.body, in: server) { change(changed) }
        switch item.event.body {
        case let body as ServerCreated where item.event.author == me:
            current.granted += body.participants.filter { $0 != me }.map { (server, $0) }
        case let body as MemberGranted: current.granted.append((server, body.target))
        case let body as MemberAdmitted:
            current.granted.append((server, body.target))
            servers[server]?.doorway.unanswered.insert(body.target)
        default: break
        }
        if let channel = pinnedIn(item.event, server) { change(.messages(server, channel)) }
        if item.event.body is Proposed { servers[server]?.openProposals.insert(item.event.id) }
        // What comes as history was noticed by others long ago.
        guard servers[server]?.hasHistory == true else { return }
        if isDemotion(item.event, in: server) { retract(.memberKicked, item.event.prev) }
        guard isForReader(item.event, in: server) else { return }
        for kind in kinds(of: item.event, in: server) { note(kind, item.event.id, in: server) }
    }

    /// Whether this node reads what an event is about: of messages and keys of a channel it cannot
    /// read it tells nothing.
    private func isForReader(_ event: Event, in server: Server.ID) -> Bool {
        if let body = event.body as? KeyRotated { return mayRead(body.channel, in: server) }
        return servers[server].flatMap { Self.message(of: event, $0.state) }
            .map { isForReader($0, in: server) } ?? true
    }

    /// - Parameter event: a message or a reaction, or what is neither.
    private func isForReader(_ event: Event.ID, in server: Server.ID) -> Bool {
        guard let state = servers[server]?.state,
            let channel = state.channel(ofMessage: event)
                ?? state.message(ofReaction: event).flatMap({ state.channel(ofMessage: $0) })
        else { return true }
        return mayRead(channel, in: server)
    }

    /// Announces that a message reads differently because of an edit.
    mutating func noteEdit(_ edit: Event.ID, in server: Server.ID) {
        guard servers[server]?.hasHistory == true else { return }
        note(.messageEdited, edit, in: server)
    }

    private func pinnedIn(_ event: Event, _ server: Server.ID) -> Channel.ID? {
        guard [MessagePinned.kind, MessageUnpinned.kind].contains(event.kind) else { return nil }
        return event.body.subject.flatMap { servers[server]?.state.channel(ofMessage: $0) }
    }

    /// Gives something the next number of the feed; it shows when the batch is stored.
    ///
    /// - Parameter rule: what decided, for those who read it again when it may not hold any more.
    mutating func note(
        _ kind: NodeEventKind, _ event: Event.ID, in server: Server.ID, rule: RuleCode? = nil
    ) {
        feed += 1
        current.batch.feed.append(
            FeedRow(
                position: feed, server: server, event: event,
                kind: kind.rawValue + (rule.map { " \($0.word)" } ?? ""),
                atMilliseconds: now.wallMilliseconds, channelSeq: 0))
        current.announced = feed
        change(.feed)
    }

    /// Takes back what the same batch would have announced: the number stays empty.
    private mutating func retract(_ kind: NodeEventKind, _ event: Event.ID?) {
        current.batch.feed.removeAll { $0.event == event && $0.kind == kind.rawValue }
    }

    /// Announces what a batch of events did to earlier ones, and which proposals it ended.
    mutating func announceConsequences(in server: Server.ID) {
        let changed = servers[server]?.replica.takeChangedEffects() ?? []
        let isTold = servers[server]?.hasHistory == true
        for item in changed.prefix(Limits.effectsAnnounced) where Self.isNoticed(item.kind) {
            guard isTold else { break }
            guard isForReader(item.event, in: server) else { continue }
            noteEffect(of: item, in: server)
        }
        if changed.count > Limits.effectsAnnounced {
            log.log(.info, "\(changed.count) events changed their effect; only some are announced")
        }
        if changed.contains(where: { EventKinds.isSetup($0.kind) }) { changeRights(server) }
        announceEndedProposals(in: server)
    }

    private mutating func noteEffect(of item: ChangedEffect, in server: Server.ID) {
        if item.isEffective {
            let rule = servers[server]?.fallen.removeValue(forKey: item.event)
            return note(.eventRestored, item.event, in: server, rule: rule)
        }
        let rule = servers[server]?.state.verdict(on: item.event)?.code
        if servers[server]?.fallen.count ?? 0 < Limits.fallenRemembered {
            servers[server]?.fallen[item.event] = rule
        }
        note(.eventVoided, item.event, in: server, rule: rule)
    }

    private mutating func announceEndedProposals(in server: Server.ID) {
        guard let open = servers[server]?.openProposals, !open.isEmpty else { return }
        for id in open.sorted() {
            let status = servers[server]?.state.proposal(id)?.status
            guard status != .open else { continue }
            servers[server]?.openProposals.remove(id)
            change(.proposals(server))
            switch status {
            case .failed: note(.proposalFailed, id, in: server)
            case .expired: note(.proposalExpired, id, in: server)
            // Their own events say so; a void proposal is announced as such.
            case .open, .enacted, .withdrawn, nil: break
            }
        }
    }

    /// A fork changes what its author may do, and how his messages show.
    mutating func announceFork(of author: Peer.ID, in server: Server.ID) {
        changeRights(server)
        guard let slot = servers[server], let first = slot.state.branches(of: author)?.events.first
        else { return }
        for channel in slot.state.holdingChannels { change(.messages(server, channel.id)) }
        note(.forkDetected, first, in: server)
    }

    mutating func changeRights(_ server: Server.ID) {
        for changed in Self.rights(server) { change(changed) }
        change(.channels(server))
        change(.links(server))
    }

    /// Tells something that has no number and is never told again.
    mutating func tell(_ event: NodeEvent) { out.append(.noticed(event)) }

    func newEvent(_ kind: NodeEventKind, server: Server.ID? = nil) -> NodeEvent {
        NodeEvent(kind, server: server, atMilliseconds: now.wallMilliseconds)
    }

    mutating func tellLink(_ kind: NodeEventKind, _ peer: Peer.ID) {
        var event = newEvent(kind)
        event.add("peer_id", peer)
        tell(event)
    }

    mutating func tellListening() {
        for address in listenAddresses {
            var event = newEvent(.listening)
            event.add("address", .word(address))
            tell(event)
        }
    }

    /// Says that everything a peer had of a server is here, and how much came since the last time.
    mutating func tellCaughtUp(_ server: Server.ID, with peer: Peer.ID) {
        guard let count = servers[server]?.committedCount else { return }
        let known = servers[server]?.toldCount ?? 0
        servers[server]?.toldCount = count
        var event = newEvent(.syncCompleted, server: server)
        event.add("ops_applied", .number(count > known ? count - known : 0))
        event.add("peer_id", peer)
        tell(event)
    }

    // Which views

    private static func rights(_ server: Server.ID) -> [NodeChange] {
        [.members(server), .server(server), .roles(server), .proposals(server)]
    }

    private static func changes(by body: any EventBody, in server: Server.ID) -> [NodeChange] {
        switch body {
        case is ServerCreated: [.servers, .server(server)]
        case is ServerRenamed, is ServerDescribed: [.servers, .server(server)]
        case is ProfileUpdated: [.members(server), .server(server)]
        case is ChannelCreated, is ChannelDeleted, is ChannelRenamed, is ChannelTopicSet,
            is ChannelReadersSet, is ChannelRevived:
            [.channels(server)]
        case is Proposed, is BallotCast, is Withdrawn: [.proposals(server)]
        case is LinkIssued, is LinkRevoked: [.links(server)]
        case is MemberAdmitted: rights(server) + [.links(server)]
        case is MemberGranted, is MemberRemoved, is MemberSuspended, is MemberLeft,
            is RemovalExtended, is BranchConfirmed, is OwnershipTransferred, is Enacted,
            is PermissionGranted, is PermissionRevoked, is RoleCreated, is RoleDeleted,
            is RolePermissionSet, is RoleAssigned, is RoleUnassigned, is RoleRenamed:
            rights(server)
        default: []
        }
    }

    // Which names

    private func kinds(of event: Event, in server: Server.ID) -> [NodeEventKind] {
        switch event.body {
        case let body as MemberGranted: grantKinds(body, event, in: server)
        case let body as Enacted: enactedKinds(body, in: server)
        case let body as MessageDeleted:
            servers[server]?.state.deletion(of: body.message) == event.id ? [.messageDeleted] : []
        case let body as KeyRotated: body.part + 1 == body.parts ? [.keyRotated] : []
        default: Self.names[event.kind].map { [$0] } ?? []
        }
    }

    /// Kinds of events that always mean the same.
    static func kindName(_ kind: UInt64) -> NodeEventKind? { names[kind] }

    private static let names: [UInt64: NodeEventKind] = [
        ServerRenamed.kind: .serverRenamed, ServerDescribed.kind: .serverDescriptionChanged,
        OwnershipTransferred.kind: .ownershipTransferred, MemberAdmitted.kind: .memberJoined,
        MemberRemoved.kind: .memberKicked, MemberSuspended.kind: .memberSuspended,
        MemberLeft.kind: .memberLeft, RemovalExtended.kind: .removalExtended,
        BranchConfirmed.kind: .branchConfirmed, PermissionGranted.kind: .permissionGranted,
        PermissionRevoked.kind: .permissionRevoked, RoleCreated.kind: .roleCreated,
        RoleDeleted.kind: .roleDeleted, RoleRenamed.kind: .roleRenamed,
        RolePermissionSet.kind: .rolePermissionChanged, RoleAssigned.kind: .roleAssigned,
        RoleUnassigned.kind: .roleUnassigned, Proposed.kind: .proposalCreated,
        BallotCast.kind: .voteCast, Withdrawn.kind: .proposalWithdrawn,
        ChannelCreated.kind: .channelCreated, ChannelDeleted.kind: .channelDeleted,
        ChannelRenamed.kind: .channelRenamed, ChannelTopicSet.kind: .channelTopicChanged,
        ChannelReadersSet.kind: .channelAccessChanged, ChannelRevived.kind: .channelRevived,
        KeyFaulted.kind: .keyFaulted, ReactionAdded.kind: .reactionAdded,
        ReactionRemoved.kind: .reactionRemoved, MessagePinned.kind: .messagePinned,
        MessageUnpinned.kind: .messageUnpinned, ProfileUpdated.kind: .profileUpdated,
    ]

    /// Whether the loss of such an event's effect is worth a word.
    static func isNoticed(_ kind: UInt64) -> Bool {
        names[kind] != nil
            || [
                MessagePosted.kind, MessageEdited.kind, MessageDeleted.kind, MemberGranted.kind,
                Enacted.kind, LinkIssued.kind, LinkRevoked.kind,
            ].contains(kind)
    }

    private func grantKinds(
        _ body: MemberGranted, _ event: Event, in server: Server.ID
    ) -> [NodeEventKind] {
        guard let before = servers[server]?.state.standing(of: body.target, before: event.id)
        else { return [] }
        if before.isSuspended { return [.memberRestored] }
        if isDemotion(event, in: server) { return [.peerUntrusted] }
        guard let level = before.level else { return [.memberJoined] }
        return level < body.level ? [.peerTrusted] : []
    }

    /// Whether a grant is the second half of a demotion: right after its author's removal.
    private func isDemotion(_ event: Event, in server: Server.ID) -> Bool {
        guard let body = event.body as? MemberGranted, let prev = event.prev,
            let state = servers[server]?.state
        else { return false }
        return state.isRemoval(prev, of: body.target)
    }

    private func enactedKinds(_ body: Enacted, in server: Server.ID) -> [NodeEventKind] {
        switch servers[server]?.state.proposal(body.proposal)?.body.action {
        case .raise: [.proposalEnacted, .peerTrusted]
        case .remove: [.proposalEnacted, .memberKicked]
        case .suspend: [.proposalEnacted, .memberSuspended]
        case .setThreshold: [.proposalEnacted, .thresholdChanged]
        case nil: [.proposalEnacted]
        }
    }
}

extension Limits {
    /// Events whose effect one input changed that are announced one by one.
    static let effectsAnnounced = 512
    /// Events without effect whose rule is remembered for when they return.
    static let fallenRemembered = 4_096
}
