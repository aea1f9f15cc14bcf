import PeerNet
import PeerState

extension NodeCore {
    mutating func postMessage(_ reply: ReplyID, _ post: PostMessage) throws(NodeFailure) {
        try check(post)
        if let earlier = try earlierSend(of: post) {
            succeed(reply, duplicateOutcome(post, earlier))
            return
        }
        let causes = try causes(of: post)
        let named = try mentions(in: post.text, hosted(post.server))
        // Nothing below may hold a copy of the server: writing to a shared value copies it.
        let event = try writeSealed(
            kind: MessagePosted.kind, channel: post.channel, in: post.server,
            principal: post.principal
        ) { place, key, entropy in
            let text = MessageText(
                post.text, mentions: named.mentioned, attachments: post.attachments)
            return MessagePosted(
                channel: post.channel, sealed: place.seal(text, channelKey: key, &entropy),
                parent: post.parent, blobs: post.attachments.flatMap(\.blobs), causes: causes)
        }
        remember(post, event)
        raiseMark(post)
        noteStream(of: post, event)
        var outcome = outcome(.applied, event, post.server)
        outcome.channel = post.channel
        outcome.channelSeq = servers[post.server]?.channelSeqs[post.channel]
        outcome.unresolved = named.unresolved
        succeed(reply, outcome)
    }

    private func check(_ post: PostMessage) throws(NodeFailure) {
        let slot = try hosted(post.server)
        guard let channel = slot.state.channel(post.channel) else {
            throw NodeFailure(.unknownChannel, "no such channel in this server")
        }
        guard !channel.isVoice else {
            throw NodeFailure(.wrongChannel, "voice channels hold no text")
        }
        try checkAttachments(of: post)
        let least = post.attachments.isEmpty ? 1 : 0
        guard (least...Limits.maxText).contains(post.text.utf8.count) else {
            throw NodeFailure(
                .tooLarge,
                "a message has 1 to \(Limits.maxText) bytes of text, "
                    + "this one \(post.text.utf8.count)")
        }
        // A repeated call is answered as before, whatever happened since.
        if try earlierSend(of: post) != nil { return }
        try checkStale(post, slot)
        if let parent = post.parent { try checkParent(parent, post, slot) }
    }

    private func earlierSend(of post: PostMessage) throws(NodeFailure) -> SentMessage? {
        guard let id = post.clientMessageID else { return nil }
        let key = SentKey(
            principal: post.principal, channel: post.channel, clientMessageID: id)
        guard let earlier = sent[key],
            now.wallMilliseconds < earlier.atMilliseconds &+ Limits.sentKeptFor.count
        else { return nil }
        guard earlier.textHash == Self.textHash(post) else {
            throw NodeFailure(
                .conflict, "client_msg_id was used for another text; choose a new one")
        }
        return earlier
    }

    private func duplicateOutcome(_ post: PostMessage, _ earlier: SentMessage) -> Outcome {
        var outcome = Outcome(.applied, server: post.server)
        outcome.event = earlier.event
        outcome.isDuplicate = true
        outcome.channel = post.channel
        outcome.seq = servers[post.server]?.state.seq(of: earlier.event)
        outcome.channelSeq =
            post.known.earlierSeq ?? earlier.channelSeq
            ?? servers[post.server]?.channelSeqs[post.channel]
        return outcome
    }

    private func checkStale(_ post: PostMessage, _ slot: HostedServer) throws(NodeFailure) {
        guard let expected = post.expectedSeq else { return }
        if (slot.lastForeignSeq[post.channel] ?? 0) > expected {
            throw NodeFailure(
                .stale, "others posted since \(expected); read the channel and decide again")
        }
    }

    private func checkParent(
        _ parent: Event.ID, _ post: PostMessage, _ slot: HostedServer
    ) throws(NodeFailure) {
        guard let message = slot.state.message(parent) else {
            throw NodeFailure(.unknownMessage, "no message \(parent.short) is known here")
        }
        guard message.channel == post.channel else {
            throw NodeFailure(.wrongChannel, "the parent is in another channel")
        }
    }

    private static func textHash(_ post: PostMessage) -> Digest.Value {
        Sodium.hash("peer-agent/local/sent/1", Array(post.text.utf8))
    }

    private mutating func remember(_ post: PostMessage, _ event: Event) {
        guard let id = post.clientMessageID else { return }
        let message = SentMessage(
            textHash: Self.textHash(post), event: event.id, atMilliseconds: now.wallMilliseconds,
            channelSeq: servers[post.server]?.channelSeqs[post.channel])
        sent[SentKey(principal: post.principal, channel: post.channel, clientMessageID: id)] =
            message
        forgetSent(slack: Limits.sentSlack)
        current.batch.sent.append(
            SentRow(
                principal: post.principal, channel: post.channel, clientMessageID: id,
                textHash: message.textHash, event: event.id,
                atMilliseconds: now.wallMilliseconds))
    }

    /// Forgets the oldest client message ids when there are too many; in the store `prune` does.
    mutating func forgetSent(slack: Int) {
        guard sent.count > Limits.sentKept + slack else { return }
        let oldest = sent.sorted {
            ($0.value.atMilliseconds, $0.value.event) < ($1.value.atMilliseconds, $1.value.event)
        }
        for (key, _) in oldest.prefix(sent.count - Limits.sentKept) { sent[key] = nil }
    }

    /// A reply reads up to its parent (MCP 7.2).
    private mutating func raiseMark(_ post: PostMessage) {
        guard let feed = post.known.parentFeed else { return }
        _ = raise(
            ReadMark(
                post.principal, server: post.server, channel: post.channel, announcedBy: feed,
                order: post.known.parentOrder))
    }
}
