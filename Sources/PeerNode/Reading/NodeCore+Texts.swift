import PeerNet
package import PeerState

/// A message and the event that holds its text now: itself, or an edit.
package struct MessageSource: Hashable, Sendable {
    package let message: Event.ID
    package let text: Event.ID
}

/// A message read again from the store, with the event that holds its text.
package struct Reopened: Sendable {
    package let message: Event.ID
    /// Envelopes; `nil` when they are not stored.
    package let post: [UInt8]?
    package let text: [UInt8]?
    /// Whether it can be read already, perhaps with another text.
    package let isShown: Bool
}

/// Keeps what the store can show in step with state: texts, edits, deletions.
extension NodeCore {
    /// Shows messages, and new texts of some, that became readable.
    mutating func show(
        _ texts: [(event: Event, text: MessageText)], in server: Server.ID, principal: String?
    ) {
        guard let infos = servers[server]?.infos(of: texts.map(\.event)) else { return }
        for ((event, text), info) in zip(texts, infos) {
            guard let info else { continue }
            show(event, text, info, in: server, principal: principal)
        }
    }

    private mutating func show(
        _ event: Event, _ text: MessageText, _ info: MessageInfo, in server: Server.ID,
        principal: String?
    ) {
        switch event.body {
        case let body as MessagePosted:
            if info.status == .deleted { return leaveTombstone(event, body, text, in: server) }
            announce(event, body, text, in: server, principal: principal)
            // An edit that came first may wait for a key of its own; until then this text stands.
            if info.text != event.id { askToReopen(event.id, in: server) }
        case let body as MessageEdited:
            guard info.text == event.id, let edit = servers[server]?.edit(event, body, text)
            else { return }
            current.batch.texts.append(.edit(edit))
            noteEdit(event.id, in: server)
        default: break
        }
    }

    /// Where a message was deleted before it could be read, the same is left as by a rebuild.
    private mutating func leaveTombstone(
        _ event: Event, _ body: MessagePosted, _ text: MessageText, in server: Server.ID
    ) {
        guard let deletion = servers[server]?.state.deletion(of: event.id),
            let entry = servers[server]?.entry(event, body, text)
        else { return }
        current.batch.texts += [.show(entry), .remove(message: event.id, by: deletion)]
        change(.messages(server, body.channel))
    }

    /// The same for one whose key may not be here.
    private mutating func showDeleted(
        _ post: Event, _ body: MessagePosted, in server: Server.ID
    ) {
        switch servers[server]?.open(post) {
        case .text(let text): leaveTombstone(post, body, text, in: server)
        case .keyMissing: showSealed(post, in: server)
        case .undecryptable, nil: break
        }
    }

    /// Applies to the store what insertion did to messages that were there before.
    mutating func followTouched(
        _ stored: [Replica.Stored], _ absorbed: HostedServer.Absorbed, in server: Server.ID
    ) {
        followChannels(stored, in: server)
        // What had no effect when it was stored may have got it from what came with it.
        let shown = stored.filter { $0.void == nil }.map(\.event.id)
        guard let touched = servers[server]?.replica.takeTouchedMessages(), !touched.isEmpty,
            touched != shown
        else { return }
        let fresh = Set(shown)
        let added = Set(stored.map(\.event.id))
        let edits = absorbed.texts.filter { $0.event.kind == MessageEdited.kind }
        let applied = Set(edits.map(\.event.id))
        // Where somebody forked, any event may take the effect of others, deletions among them.
        let isOnlyReaction =
            servers[server]?.state.hasForks != true
            && stored.allSatisfy { Self.leavesTexts($0.event.body) }
        let isOnlyTexts =
            servers[server]?.state.hasForks != true
            && stored.allSatisfy { Self.leavesTexts($0.event.body) || Self.isDeletion($0) }
        for id in touched where !fresh.contains(id) {
            if let channel = servers[server]?.state.channel(ofMessage: id) {
                change(.messages(server, channel))
            }
            guard let info = servers[server]?.state.message(id) else {
                if !added.contains(id) { current.batch.texts.append(.drop(id)) }
                continue
            }
            if info.status == .deleted {
                guard let deletion = servers[server]?.state.deletion(of: id) else { continue }
                current.batch.texts.append(.remove(message: id, by: deletion))
                change(.unread(server))
                // What had no effect until now was never shown: its tombstone is still to be left.
                if !isOnlyTexts { askToReopen(id, in: server) }
            } else if !applied.contains(info.text) && !isOnlyReaction {
                askToReopen(id, in: server)
            }
        }
    }

    private static func isDeletion(_ item: Replica.Stored) -> Bool {
        item.event.body is MessageDeleted
    }

    private static func leavesTexts(_ body: any EventBody) -> Bool {
        body is ReactionAdded || body is ReactionRemoved || body is MessagePinned
            || body is MessageUnpinned || body is MessagePosted
    }

    /// Forgets the messages of channels that went, and shows again those of channels that returned.
    private mutating func followChannels(_ stored: [Replica.Stored], in server: Server.ID) {
        guard
            stored.contains(where: {
                EventKinds.isSetup($0.event.kind) && !($0.event.body is MessageDeleted)
            }), let slot = servers[server]
        else { return }
        let live = Set(slot.state.holdingChannels.map(\.id))
        guard live != slot.liveChannels else { return }
        for channel in slot.liveChannels.subtracting(live).sorted()
        where slot.state.channel(channel) == nil {
            current.batch.texts.append(.dropChannel(server, channel))
            change(.channels(server))
            change(.unread(server))
        }
        let made = Set(stored.map { Channel.ID($0.event.id) })
        if !live.subtracting(slot.liveChannels).isSubset(of: made) {
            servers[server]?.rescanFrom = 0
            current.rescans.insert(server)
            change(.channels(server))
        }
        servers[server]?.liveChannels = live
    }

    /// Numbers a message that can be read and puts it into the batch; it shows when that is stored.
    mutating func announce(
        _ post: Event, _ body: MessagePosted, _ text: MessageText, in server: Server.ID,
        principal: String?, source: Event.ID? = nil
    ) {
        guard var entry = servers[server]?.nextEntry(post, body, text, source: source)
        else { return }
        if isBlocked(post.author) {
            entry.flags.remove(.mention)
            entry.flags.insert(.uncounted)
        }
        feed += 1
        entry.feed = feed
        entry.principal = principal
        current.batch.texts.append(.show(entry))
        current.batch.feed.append(
            FeedRow(
                position: feed, server: server, event: post.id, kind: "MessageReceived",
                atMilliseconds: now.wallMilliseconds, channelSeq: entry.channelSeq))
        let arrival = Arrival(
            channel: body.channel, author: post.author, isLocal: post.author == me,
            isMention: entry.flags.contains(.mention), principal: principal)
        current.visible.append(
            Inflight.Visible(
                server: server, id: post.id, feed: feed, channelSeq: entry.channelSeq,
                arrival: arrival))
        announceFiles(text.attachments.count, of: post.id, in: server)
        change(.messages(server, body.channel))
        change(.unread(server))
        change(.feed)
    }

    // Messages whose key is not here

    /// Shows author and time of a message that cannot be opened; nobody is told that it came.
    ///
    /// A provider reads nothing, so nothing is kept for it to show.
    private mutating func showSealed(_ post: Event, in server: Server.ID) {
        guard !configuration.isProvider, let body = post.body(as: MessagePosted.self),
            let changes = servers[server]?.sealedChanges(of: post)
        else { return }
        current.batch.texts += changes
        if mayRead(body.channel, in: server) { change(.messages(server, body.channel)) }
    }

    // Reading again

    mutating func limitWaitingForKeys(of server: Server.ID) {
        let limit = configuration.waitingForKey
        if servers[server]?.waitingForKeyMax != limit { servers[server]?.waitingForKeyMax = limit }
    }

    /// Announces stored messages that can be read now and are not shown, and applies edits.
    ///
    /// - Parameter rows: empty at the end.
    mutating func showAgain(_ rows: [StoredEvent], in server: Server.ID) {
        if rows.isEmpty { servers[server]?.endRescan() }
        let announcing = announcing
        limitWaitingForKeys(of: server)
        for row in rows where !announcing.contains(row.id) {
            do {
                let envelope = try Envelope(decoding: row.envelope)
                let event = try Event(decoding: envelope, for: server)
                let item = Replica.Stored(event: event, envelope: envelope, void: nil)
                showAgain(item, isSealed: row.isSealed, server)
            } catch {
                log.log(.error, "stored event \(row.id) does not decode: \(error)")
            }
        }
    }

    private mutating func showAgain(
        _ item: Replica.Stored, isSealed: Bool, _ server: Server.ID
    ) {
        let message = (item.event.body as? MessageEdited)?.message ?? item.event.id
        guard let sealed = item.event.sealedText,
            let info = servers[server]?.state.message(message),
            item.event.kind == MessagePosted.kind
                || (info.status != .deleted && info.text == item.event.id)
        else { return }
        // No copy of the server is held here: what waits for keys may be long.
        switch servers[server]?.open(item.event) {
        case .text(let text): show([(item.event, text)], in: server, principal: nil)
        case .keyMissing:
            servers[server]?.holdSealed(item, epoch: sealed.epoch)
            guard !isSealed else { return }
            showSealed(item.event, in: server)
            // An edit that can be opened may have found nothing to change.
            if info.text != message, info.status != .deleted { askToReopen(message, in: server) }
        case .undecryptable: if isSealed { current.batch.texts.append(.drop(item.event.id)) }
        case nil: break
        }
    }

    /// Messages that are in a batch and will show when it is stored.
    private var announcing: Set<Event.ID> {
        Set((inflight + [current]).flatMap { $0.visible.map(\.id) })
    }

    /// Asks for the events behind a message once this batch is stored; a crash does not forget it.
    private mutating func askToReopen(_ message: Event.ID, in server: Server.ID) {
        current.reopens[server, default: []].insert(message)
        current.batch.settings.append(
            Setting(name: "reopen/\(message.hex)", value: server.bytes))
    }

    mutating func reopen(_ messages: Set<Event.ID>, in server: Server.ID) {
        var sources = messages.sorted().map { id in
            MessageSource(message: id, text: servers[server]?.state.message(id)?.text ?? id)
        }[...]
        while !sources.isEmpty {
            out.append(.reopen(server, Array(sources.prefix(Limits.reopenedAtOnce))))
            sources = sources.dropFirst(Limits.reopenedAtOnce)
        }
    }

    /// Remembers by its key what cannot be opened yet; until an edit can, the message stands, even
    /// where an earlier edit was shown.
    private mutating func hold(
        _ item: Reopened, _ post: Event, _ source: Event, isShown: Bool, in server: Server.ID
    ) {
        limitWaitingForKeys(of: server)
        let isEdit = source.id != post.id
        if isEdit { hold(source, item.text, in: server) }
        guard isEdit || !isShown, let body = post.body as? MessagePosted else { return }
        switch servers[server]?.open(post) {
        case .text(let text) where isShown:
            guard let entry = servers[server]?.entry(post, body, text) else { return }
            current.batch.texts.append(.show(entry))
            change(.messages(server, body.channel))
        case .text(let text):
            announce(post, body, text, in: server, principal: nil)
        case .keyMissing:
            hold(post, item.post, in: server)
            if isShown { current.batch.texts.append(.drop(post.id)) }
            showSealed(post, in: server)
        case .undecryptable, nil: break
        }
    }

    private mutating func hold(_ event: Event, _ bytes: [UInt8]?, in server: Server.ID) {
        guard let sealed = event.sealedText, let bytes, let slot = servers[server],
            case .keyMissing = slot.open(event)
        else { return }
        do {
            let item = Replica.Stored(
                event: event, envelope: try Envelope(decoding: bytes), void: nil)
            servers[server]?.holdSealed(item, epoch: sealed.epoch)
        } catch {
            log.log(.error, "stored event \(event.id) does not decode: \(error)")
        }
    }

    /// Shows what an edit says of a message that itself cannot be opened; false where it can be.
    private mutating func showEdit(
        _ source: Event, _ text: MessageText, of post: Event, in server: Server.ID
    ) -> Bool {
        guard let body = source.body as? MessageEdited,
            case .keyMissing? = servers[server]?.open(post),
            let edit = servers[server]?.edit(source, body, text)
        else { return false }
        showSealed(post, in: server)
        current.batch.texts.append(.edit(edit))
        noteEdit(source.id, in: server)
        return true
    }

    mutating func finishReopening(_ messages: [Reopened], in server: Server.ID) {
        let announcing = announcing
        for item in messages {
            let info = servers[server]?.state.message(item.message)
            let source = item.text.flatMap { HostedServer.decode($0, of: server) }
            // State went on since: another answer is on its way.
            if let info, let source, info.text != source.id { continue }
            current.batch.settings.append(
                Setting(name: "reopen/\(item.message.hex)", value: nil))
            guard let info, let source,
                let post = item.post.flatMap({ HostedServer.decode($0, of: server) }),
                let body = post.body as? MessagePosted
            else { continue }
            let isShown = item.isShown || announcing.contains(post.id)
            guard info.status != .deleted else {
                if !isShown { showDeleted(post, body, in: server) }
                continue
            }
            // Of what nobody can open an edit shows nothing, as in a rebuild.
            if source.id != post.id, case .undecryptable? = servers[server]?.open(post) { continue }
            guard case .text(let text)? = servers[server]?.open(source) else {
                hold(item, post, source, isShown: isShown, in: server)
                continue
            }
            let edit = source.id == post.id ? nil : source.id
            if !isShown, showEdit(source, text, of: post, in: server) { continue }
            if isShown, let entry = servers[server]?.entry(post, body, text, source: edit) {
                current.batch.texts.append(.show(entry))
                if let edit { noteEdit(edit, in: server) }
            } else {
                announce(post, body, text, in: server, principal: nil, source: edit)
            }
            change(.messages(server, body.channel))
        }
    }
}

extension Limits {
    /// Messages read again in one step.
    static let reopenedAtOnce = 256
    /// How often messages are read again in one visit of the store.
    static let rescanSteps = 4
}
