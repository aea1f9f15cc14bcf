package import PeerState

/// Opening texts, and the rows of the store that follow from them.
extension HostedServer {
    enum Opened {
        case text(MessageText)
        case keyMissing
        /// Sealed under another key or for another place: readable by nobody.
        case undecryptable
    }

    /// Opens a message or an edit.
    func open(_ event: Event) -> Opened {
        open(event, commit: event.sealedText.flatMap { commit(of: $0.epoch) })
    }

    /// What names the key of an epoch; `nil` while the epoch is not known.
    func commit(of epoch: Epoch.ID) -> Digest.Value? { replica.state.epochs[epoch]?.commit }

    /// Opens one of many: looking at the state for each would copy it each time.
    ///
    /// - Parameter commit: of its epoch.
    func open(_ event: Event, commit: Digest.Value?) -> Opened {
        guard let commit, let sealed = event.sealedText, let channel = channel(of: event),
            var key = keys.key(sealed.epoch)
        else { return .keyMissing }
        defer { Sodium.wipe(&key) }
        let place = MessagePlace(
            server: id, channel: channel, epoch: sealed.epoch, commit: commit,
            author: event.author, seq: event.seq, prev: event.prev, kind: event.kind)
        do {
            return .text(try place.open(sealed, channelKey: key))
        } catch {
            return .undecryptable
        }
    }

    /// What state says of the messages that these are, or are edits of.
    func infos(of events: [Event]) -> [MessageInfo?] {
        // Each look through a reference copies the state: once for all of them.
        let state = state
        return events.map { event in
            state.message(event.body(as: MessageEdited.self)?.message ?? event.id)
        }
    }

    private func channel(of event: Event) -> Channel.ID? {
        switch event.body {
        case let body as MessagePosted: body.channel
        case let body as MessageEdited: state.channel(ofMessage: body.message)
        default: nil
        }
    }

    /// A message as the store keeps it; who announces it adds how it arrived.
    func entry(
        _ post: Event, _ body: MessagePosted, _ text: MessageText, source: Event.ID? = nil
    ) -> TextEntry {
        var entry = TextEntry(
            message: post.id, channel: body.channel, epoch: body.sealed.epoch, text: text.text,
            wallMilliseconds: post.wallMilliseconds)
        entry.parent = body.parent
        entry.mentions = text.mentions
        entry.flags = flags(text, by: post.author, parent: body.parent)
        entry.source = source
        entry.attachments = text.attachments
        // An edit says nothing of the files that its message brought.
        if source != nil, text.attachments.isEmpty, !body.blobs.isEmpty,
            case .text(let original) = open(post), !original.attachments.isEmpty
        {
            entry.attachments = original.attachments
            entry.flags.insert(.file)
        }
        return entry
    }

    /// The same with the next number of its channel.
    mutating func nextEntry(
        _ post: Event, _ body: MessagePosted, _ text: MessageText, source: Event.ID?
    ) -> TextEntry {
        var entry = entry(post, body, text, source: source)
        entry.channelSeq = nextChannelSeq(body.channel, isForeign: post.author != me)
        return entry
    }

    func edit(_ event: Event, _ body: MessageEdited, _ text: MessageText) -> TextEdit {
        var edit = TextEdit(message: body.message, source: event.id, text: text.text)
        edit.mentions = text.mentions
        edit.flags = flags(
            text, by: event.author, parent: state.message(body.message)?.parent)
        edit.flags.remove(.local)
        return edit
    }

    private func flags(
        _ text: MessageText, by author: Peer.ID, parent: Event.ID?
    ) -> TextFlags {
        var flags: TextFlags = text.attachments.isEmpty ? [] : .file
        if author == me { return flags.union(.local) }
        let isReplyToMe = parent.flatMap { state.message($0)?.author } == me
        if text.mentions.contains(me) || isReplyToMe { flags.insert(.mention) }
        return flags
    }

    /// What one stored event makes readable, for filling the tables anew in canonical order.
    ///
    /// A deleted message leaves a tombstone.
    package func textChanges(of row: StoredEvent) -> [TextChange] {
        guard row.kind == MessagePosted.kind || row.kind == MessageEdited.kind,
            let event = Self.decode(row.envelope, of: id)
        else { return [] }
        switch (event.body, open(event)) {
        case (let body as MessagePosted, .text(let text)):
            guard let info = state.message(event.id) else { return [] }
            return Self.follow(.show(entry(event, body, text)), event.id, info, state)
        case (is MessagePosted, .keyMissing): return sealedChanges(of: event)
        case (let body as MessageEdited, .text(let text)):
            guard state.message(body.message)?.text == event.id else { return [] }
            return [.edit(edit(event, body, text))]
        default: return []
        }
    }

    /// What shows that a message is here whose key is not; nothing for one without effect.
    func sealedChanges(of post: Event) -> [TextChange] {
        let state = state
        guard let body = post.body(as: MessagePosted.self), let info = state.message(post.id)
        else { return [] }
        let entry = SealedEntry(
            message: post.id, channel: body.channel, epoch: body.sealed.epoch,
            parent: body.parent, wallMilliseconds: post.wallMilliseconds)
        return Self.follow(.showSealed(entry), post.id, info, state)
    }

    /// A change that shows a message, and what a deletion leaves of it.
    private static func follow(
        _ change: TextChange, _ message: Event.ID, _ info: MessageInfo, _ state: ServerState
    ) -> [TextChange] {
        guard info.status == .deleted, let deletion = state.deletion(of: message) else {
            return [change]
        }
        return [change, .remove(message: message, by: deletion)]
    }

    /// `nil` for what does not decode; the caller has it from the store.
    static func decode(_ envelope: [UInt8], of server: Server.ID) -> Event? {
        do {
            return try Event(decoding: Envelope(decoding: envelope), for: server)
        } catch {
            return nil
        }
    }
}

extension Event {
    /// The ciphertext of a message or of an edit.
    package var sealedText: SealedBody? {
        body(as: MessagePosted.self)?.sealed ?? body(as: MessageEdited.self)?.sealed
    }
}
