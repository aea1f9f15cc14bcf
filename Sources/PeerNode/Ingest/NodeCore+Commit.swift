import PeerNet
import PeerState

/// Everything that waits for one batch to be durable.
struct Inflight: Sendable {
    struct Entry: Sendable {
        let server: Server.ID
        let event: Event
        /// The envelope as it is stored and sent on, encoded once.
        let envelope: [UInt8]
        let origin: LinkID?
        let isVoid: Bool
    }
    struct Visible: Sendable {
        let server: Server.ID
        let id: Event.ID
        let feed: UInt64
        let channelSeq: UInt64
        let arrival: Arrival
    }
    struct Consumed: Sendable {
        let link: LinkID
        let wantID: UInt64
        let bytes: Int
    }
    struct Reply: Sendable {
        let id: NodeCore.ReplyID
        var outcome: Outcome
        /// Whether reaching nobody makes it `queued`.
        let isShared: Bool
    }

    var job: NodeCore.JobID?
    var batch = StoreBatch()
    var events: [Entry] = []
    /// Of the envelopes of `events`, in bytes.
    var eventBytes = 0
    /// Whether something of it was pushed: somebody may be waiting to see it.
    var isFresh = false
    var visible: [Visible] = []
    /// The last number of the feed in this batch that no message has.
    var announced: UInt64?
    var consumed: [Consumed] = []
    var replies: [Reply] = []
    var granted: [(server: Server.ID, peer: Peer.ID)] = []
    var changes: Set<NodeChange> = []
    /// Servers whose stored events are to be read again, this batch included.
    var rescans: Set<Server.ID> = []
    /// Messages whose text is to be looked up once this batch is stored.
    var reopens: [Server.ID: Set<Event.ID>] = [:]

    var isEmpty: Bool {
        events.isEmpty && visible.isEmpty && consumed.isEmpty && replies.isEmpty
            && changes.isEmpty && rescans.isEmpty && reopens.isEmpty && !batch.hasWork
    }

    /// Whether it waits for every batch before it: somebody is told, or the store is read, and
    /// what is about to be stored is not to be missed.
    var mustFollow: Bool { !replies.isEmpty || !rescans.isEmpty || !reopens.isEmpty }
}

extension StoreBatch {
    var hasWork: Bool {
        !(events.isEmpty && chunks.isEmpty && feed.isEmpty && texts.isEmpty && epochKeys.isEmpty
            && prekeys.isEmpty && droppedPrekeys.isEmpty && marks.isEmpty && sent.isEmpty
            && settings.isEmpty && addresses.isEmpty && erasedServers.isEmpty)
    }
}

extension NodeCore {
    /// Sends what this input produced to the store, or completes it when nothing is to be stored.
    mutating func flush() {
        if pause.isOn { return dropGathered() }
        // Completing one set may produce another (a push answered at once); the loop is bounded
        // by what the sync core can say in one turn.
        while !current.isEmpty && !isGathering {
            var set = Inflight()
            swap(&set, &current)
            for server in set.rescans { servers[server]?.beginRescan() }
            if set.batch.hasWork || (set.mustFollow && !inflight.isEmpty) {
                let id = job()
                set.job = id
                out.append(.commit(id, set.batch))
                set.batch = StoreBatch()
                inflight.append(set)
            } else {
                complete(set)
            }
        }
    }

    /// Whether more of a catch-up is about to join the current batch: one commit of several frames
    /// writes far fewer pages than one of each.
    ///
    /// A check under way always ends, so nothing is held for long; who waits for a reply is not
    /// made to wait, and what was pushed a moment ago does not wait for old events of others.
    private var isGathering: Bool {
        !verifying.isEmpty && !current.events.isEmpty && current.replies.isEmpty
            && !current.isFresh && current.eventBytes < configuration.gatheredBytes
    }

    mutating func finishCommit(_ job: JobID) {
        guard let first = inflight.first, first.job == job else {
            log.log(.error, "a batch completed out of order")
            return
        }
        inflight.removeFirst()
        complete(first)
    }

    private mutating func complete(_ set: Inflight) {
        answerAdmitted(set.events)
        keepNamed(set.events)
        let byServer = Self.grouped(set.events)
        for server in byServer.keys.sorted() {
            let entries = byServer[server] ?? []
            let events = entries.map(\.event)
            servers[server]?.commit(events)
            for entry in entries where HostedServer.keptKinds.contains(entry.event.kind) {
                servers[server]?.keep(entry.event, entry.envelope)
            }
            noteReach(events, in: server)
            for entry in entries where !entry.isVoid { noteReaction(entry.event, in: server) }
            syncHandle(.committed(server, entries.map { committedEvent($0) }))
            if entries.contains(where: { EventKinds.isLowering($0.event.kind) }) {
                syncHandle(.loweringStored(server))
            }
            noteLive(entries, in: server)
            showForks(in: server)
        }
        for item in set.consumed {
            syncHandle(.consumed(item.link, wantID: item.wantID, bytes: item.bytes))
        }
        for grant in set.granted { syncHandle(.grantStored(grant.server, grant.peer)) }
        show(set.visible)
        visibleFeed = max(visibleFeed, set.announced ?? 0)
        for reply in set.replies { answer(reply) }
        if !set.changes.isEmpty { out.append(.changed(set.changes)) }
        if hasTexts {
            askForReadings(set.rescans, set.reopens)
        } else {
            for server in set.rescans { servers[server]?.failRescan() }
            postponed.add(set.rescans, set.reopens)
        }
        for server in byServer.keys.sorted() { settleJoin(server) }
    }

    private static func grouped(_ entries: [Inflight.Entry]) -> [Server.ID: [Inflight.Entry]] {
        // Most batches are of one server.
        guard let first = entries.first?.server,
            entries.contains(where: { $0.server != first })
        else { return entries.first.map { [$0.server: entries] } ?? [:] }
        return Dictionary(grouping: entries, by: \.server)
    }

    private func committedEvent(_ entry: Inflight.Entry) -> SyncCore.CommittedEvent {
        SyncCore.CommittedEvent(
            author: entry.event.author, seq: entry.event.seq, id: entry.event.id,
            envelope: entry.envelope, origin: entry.origin,
            isOwn: entry.event.author == me, isPushable: !entry.isVoid)
    }

    private mutating func show(_ visible: [Inflight.Visible]) {
        for (index, item) in visible.enumerated() {
            visibleFeed = item.feed
            let next = index + 1 < visible.count ? visible[index + 1] : nil
            // The last of those that follow one another in a channel says it for all.
            if next?.server != item.server || next?.arrival.channel != item.arrival.channel {
                servers[item.server]?.shownSeqs[item.arrival.channel] = item.channelSeq
            }
            guard !waiters.isEmpty, !isBlocked(item.arrival.author) else { continue }
            for waiter in waiters.matching(item.arrival) { out.append(.wakeWaiter(waiter)) }
        }
    }

    private mutating func answer(_ reply: Inflight.Reply) {
        var outcome = reply.outcome
        outcome.feed = feed
        if let server = outcome.server, reply.isShared {
            outcome.reached = linkedMembers(of: server).count
            if outcome.reached > 0 { noteLeaveKnown(server) }
            let me = me
            let others = servers[server].map { $0.state.hasMembers(besides: me) } ?? false
            if outcome.kind == .applied && outcome.reached == 0 && others {
                noteQueued(in: server, seq: outcome.seq)
                outcome.kind = .queued
                outcome.waitingFor = "peer"
            }
        }
        out.append(.reply(reply.id, .success(outcome)))
    }

    /// The store refused a batch: nothing of it or after it counts, and memory is read again.
    mutating func failCommit(_ job: JobID, _ failure: StoreFailure) {
        log.log(pause.isOn ? .info : .error, "the store refused a write: \(failure)")
        let code: NodeCode = failure.code == .diskFull ? .diskFull : .storeFailed
        let isFirst = !pause.isOn
        pause.refused(code, now.monotonic)
        guard isFirst else { return }
        for set in inflight + [current] {
            for reply in set.replies {
                out.append(.reply(reply.id, .failure(NodeFailure(code, failure.detail))))
            }
        }
        inflight.removeAll()
        current = Inflight()
        isStopped = true
        out.append(.reload)
    }
}
