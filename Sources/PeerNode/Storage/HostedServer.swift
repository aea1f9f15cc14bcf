import PeerNet
package import PeerState

/// One server on this node: its replica and the keys held for it.
///
/// State (`replica`) runs ahead of what is visible: a message can be read only when the store has
/// it, so nothing is shown or announced that a crash could take back. No text is kept here.
package struct HostedServer: Sendable {
    package let id: Server.ID
    let me: Peer.ID
    /// Read in a dictionary again and again, where Swift copies a value whole; so that is cheap.
    @CopyOnWrite var fields: Fields

    package init(id: Server.ID, me: Peer.ID, introducers: Set<Peer.ID> = []) {
        self.id = id
        self.me = me
        fields = Fields(Replica(id: id, viewer: me), hasHistory: introducers.isEmpty)
        self.introducers = introducers
    }

    /// A server just founded here.
    init(founded replica: Replica, me: Peer.ID) {
        id = replica.id
        self.me = me
        fields = Fields(replica, hasHistory: true)
    }

    package var state: ServerState { _read { yield replica.state } }
    /// Events that wait for others.
    package var waitingCount: Int { replica.pending.count }
    /// Beyond that of every event in the set.
    package var nextLamport: UInt64 {
        replica.state.graph.lamport(over: Array(replica.state.graph.tipIDs))
    }
    package var isMember: Bool { exclusion == nil && replica.state.activeMembers.contains(me) }

    /// Takes events that became part of the set: opens keys and texts, and says what to announce.
    ///
    /// - Returns: texts of messages and edits in order, and keys to store.
    ///
    /// - Parameter opensTexts: `false` while memory is read again: the texts are in the store.
    mutating func absorb(
        _ stored: [Replica.Stored], opensTexts: Bool = true, log: Log
    ) -> Absorbed {
        var absorbed = Absorbed()
        if stored.contains(where: { EventKinds.isSetup($0.event.kind) }) {
            sendingEpochs.removeAll(keepingCapacity: true)
            needsDutyCheck = true
        }
        for item in stored where item.void == nil && item.event.kind == ProfileUpdated.kind {
            noteName(of: item.event.author)
        }
        for item in stored {
            // What is void may have effect later, and its box would not come again: keys are kept
            // at once. A key gives nobody a right.
            let event = item.event
            if let body = event.body(as: KeyRotated.self) {
                guard body.part + 1 == body.parts,
                    let epoch = replica.state.epochs[Epoch.ID(event.id)]
                else { continue }
                let isRight = learn(&absorbed, log) {
                    (keys, state) throws(Failure<RuleCode>) in try keys.open(epoch, in: state)
                }
                if opensTexts && item.void == nil {
                    noteClosed(epoch, because: isRight ? .cannotOpen : .commitMismatch)
                }
            } else if let body = event.body(as: KeyShared.self) {
                guard body.target == me else { continue }
                learn(&absorbed, log) { (keys, state) throws(Failure<RuleCode>) in
                    try keys.open(body, in: state)
                }
                if opensTexts && item.void == nil { noteClosed(body) }
            } else if opensTexts, item.void == nil, let sealed = event.sealedText {
                noteUse(of: sealed.epoch)
                show(item, epoch: sealed.epoch, &absorbed, log)
            }
        }
        return absorbed
    }

    struct Absorbed {
        var texts: [(event: Event, text: MessageText)] = []
        var keys: [KeyRing.Learned] = []
        /// The lowest lamport of messages whose key is not here.
        var sealedFrom: UInt64?
        /// Those that waited for a key which does not open them.
        var undecryptable: [Event.ID] = []
        /// Of the epochs met; they do not change while events are absorbed.
        fileprivate var commits: [Epoch.ID: Digest.Value] = [:]
    }

    /// - Returns: false when a key was in the box, and not the right one.
    @discardableResult
    private mutating func learn(
        _ absorbed: inout Absorbed, _ log: Log,
        _ open: (inout KeyRing, ServerState) throws(Failure<RuleCode>) -> [KeyRing.Learned]
    ) -> Bool {
        do {
            let learned = try open(&keys, replica.state)
            absorbed.keys += learned
            for key in learned { release(key.epoch, &absorbed) }
        } catch {
            log.log(.warning, "server \(id): a channel key was refused: \(error)")
            return false
        }
        return true
    }

    /// Opens the messages that waited for a key.
    private mutating func release(_ epoch: Epoch.ID, _ absorbed: inout Absorbed) {
        guard let waiting = sealedMessages.removeValue(forKey: epoch) else { return }
        sealedCount -= waiting.count
        sealedIDs.subtract(waiting.lazy.map(\.event.id))
        for item in waiting where !show(item, epoch: epoch, &absorbed, .silent) {
            absorbed.undecryptable.append(item.event.id)
        }
    }

    /// - Returns: `false` for what nobody can read.
    @discardableResult
    private mutating func show(
        _ item: Replica.Stored, epoch: Epoch.ID, _ absorbed: inout Absorbed, _ log: Log
    ) -> Bool {
        let commit = absorbed.commits[epoch] ?? commit(of: epoch)
        absorbed.commits[epoch] = commit
        switch open(item.event, commit: commit) {
        case .text(let text): absorbed.texts.append((item.event, text))
        case .keyMissing:
            holdSealed(item, epoch: epoch)
            if item.event.kind == MessagePosted.kind {
                absorbed.sealedFrom = min(absorbed.sealedFrom ?? .max, item.event.lamport)
            }
        case .undecryptable:
            log.log(.warning, "message \(item.event.id) does not open")
            return false
        }
        return true
    }

    /// What is held already is not held twice.
    mutating func holdSealed(_ item: Replica.Stored, epoch: Epoch.ID) {
        guard !sealedIDs.contains(item.event.id) else { return }
        guard sealedCount < waitingForKeyMax else {
            hasForgottenSealed = true
            return
        }
        sealedMessages[epoch, default: []].append(item)
        sealedIDs.insert(item.event.id)
        sealedCount += 1
    }

    /// The epoch to send under now, remembered until a setup event arrives.
    mutating func sendingEpoch(of channel: Channel.ID) -> EpochInfo? {
        if let known = sendingEpochs[channel] { return replica.state.epochs[known] }
        let epoch = replica.state.sendingEpoch(of: channel)
        if let epoch { sendingEpochs[channel] = epoch.id }
        return epoch
    }

    /// Takes a state that was made again from the same events.
    mutating func adopt(refolded replica: Replica) {
        self.replica = replica
        sendingEpochs = [:]
        checkpoints = CheckpointState()
        memberCount = nil
        needsDutyCheck = true
    }

    mutating func nextChannelSeq(_ channel: Channel.ID, isForeign: Bool) -> UInt64 {
        let next = (channelSeqs[channel] ?? 0) + 1
        channelSeqs[channel] = next
        if isForeign { lastForeignSeq[channel] = next }
        return next
    }

    /// Keeps a durable event at hand when those it names may be shown it.
    mutating func keep(_ event: Event, _ envelope: [UInt8]) {
        if Self.keptKinds.contains(event.kind) { keptEnvelopes[event.id] = envelope }
    }

    /// Marks events as durable.
    mutating func commit(_ events: [Event]) {
        for event in events {
            if (committedHeads[event.author]?.seq ?? 0) < event.seq {
                committedHeads[event.author] = Head(seq: event.seq, id: event.id)
            }
        }
        committedCount += UInt64(events.count)
        noteForks()
    }

    mutating func noteForks() {
        guard replica.state.hasForks else { return }
        forks = replica.state.forks
        forkPoints = replica.state.forkPoints
    }
}
