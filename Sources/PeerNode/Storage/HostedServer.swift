package import PeerState

/// One server on this node: its replica and the keys held for it.
///
/// State (`replica`) runs ahead of what is visible: a message can be read only when the store has
/// it, so nothing is shown or announced that a crash could take back. No text is kept here.
package struct HostedServer: Sendable {
    package let id: Server.ID
    let me: Peer.ID
    @CopyOnWrite package internal(set) var replica: Replica
    @CopyOnWrite package internal(set) var keys = KeyRing()
    /// Chain heads whose events are durable; what peers are told.
    package internal(set) var committedHeads: [Peer.ID: (seq: UInt64, id: Event.ID)] = [:]
    package internal(set) var committedCount: UInt64 = 0
    /// Forked authors as of the last commit.
    package private(set) var forks: [Peer.ID: ServerState.Fork] = [:]
    /// Forks whose proof went out, by author: the number it is about.
    var shownForks: [Peer.ID: UInt64] = [:]
    /// Visible messages each channel has ever had here, those about to be committed included.
    var channelSeqs: [Channel.ID: UInt64] = [:]
    /// The same without those about to be committed.
    var shownSeqs: [Channel.ID: UInt64] = [:]
    /// Channels there at the last look; what became of their messages follows from changes.
    var liveChannels: Set<Channel.ID> = []
    /// The number of the last message by somebody else, for `expectedSeq`.
    var lastForeignSeq: [Channel.ID: UInt64] = [:]
    /// Messages whose key is not here yet, by epoch (≤ `waitingForKey`).
    var sealedMessages: [Epoch.ID: [Replica.Stored]] = [:]
    private var sealedIDs: Set<Event.ID> = []
    var sealedCount = 0
    /// Some beyond the bound were not remembered; the store brings them when a key comes.
    var hasForgottenSealed = false
    /// `Limits.waitingForKey`, or less in a test.
    var waitingForKeyMax = Limits.waitingForKey
    /// Peers believed before any history is here (PROTOCOL 9.1, Beginning).
    package internal(set) var introducers: Set<Peer.ID> = []
    /// Whether a catch-up from an introducer has ended, so that state decides who is a member.
    package internal(set) var hasHistory: Bool
    /// The epoch to send under, per channel, until authority or keys change.
    private var sendingEpochs: [Channel.ID: Epoch.ID] = [:]
    /// `committedCount` when a catch-up was last announced.
    var toldCount: UInt64 = 0
    /// Proposals that were open at the last look.
    var openProposals: Set<Event.ID> = []
    /// Whether something changed that may ask for a prekey or a share.
    var needsDutyCheck = true
    /// Every stored event up to this row was read when memory was made.
    var loadedThrough: Int64 = 0
    /// Stored events that are not in the set: they do not decode, or do not follow the others.
    var unusableEvents = 0
    /// Messages from this lamport on are to be read again, as they may not be shown; `nil` when
    /// that was done.
    var rescanFrom: UInt64? = 0
    /// Readings of that kind that are under way.
    var rescansOpen = 0
    var checkpoints = CheckpointState()
    /// Active members, this node included; counted when members change.
    var memberCount: Int?
    /// Events that decide who is a member, as they are shown to those they name.
    var keptEnvelopes: [Event.ID: [UInt8]] = [:]
    /// Who bears which name.
    var names = NameBook()
    /// What is under way between this server and peers that are not in it.
    var doorway = Doorway()
    /// Members whom this node will hand keys to, and when, unless somebody else does first.
    var shareDuties: [Peer.ID: Instant] = [:]
    var care = KeyCare()
    /// Channels whose newest key this node lacked when it wanted to write.
    var keyWaits: [Channel.ID: KeyWait] = [:]

    package init(id: Server.ID, me: Peer.ID, introducers: Set<Peer.ID> = []) {
        self.id = id
        self.me = me
        self.introducers = introducers
        replica = Replica(id: id, viewer: me)
        hasHistory = introducers.isEmpty
    }

    /// A server just founded here.
    init(founded replica: Replica, me: Peer.ID) {
        id = replica.id
        self.me = me
        self.replica = replica
        hasHistory = true
    }

    package var state: ServerState { _read { yield replica.state } }
    package var isMember: Bool { exclusion == nil && replica.state.standing(of: me) != nil }

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
        keep(stored.filter { $0.void == nil })
        for item in stored {
            // What is void may have effect later, and its box would not come again: keys are kept
            // at once. A key gives nobody a right.
            switch item.event.body {
            case let body as KeyRotated where body.part + 1 == body.parts:
                guard let epoch = replica.state.epochs[Epoch.ID(item.event.id)] else { break }
                learn(&absorbed, log) { (keys, state) throws(Failure<RuleCode>) in
                    try keys.open(epoch, in: state)
                }
                if opensTexts && item.void == nil { noteClosed(epoch) }
            case let body as KeyShared where body.target == me:
                learn(&absorbed, log) { (keys, state) throws(Failure<RuleCode>) in
                    try keys.open(body, in: state)
                }
            default:
                guard opensTexts, item.void == nil, let sealed = item.event.sealedText else {
                    break
                }
                noteUse(of: sealed.epoch)
                show(item, epoch: sealed.epoch, &absorbed, log)
            }
        }
        return absorbed
    }

    /// Keeps at hand what is in force: who was let in and out, and who bears which name.
    mutating func keep(_ stored: [Replica.Stored]) {
        for item in stored {
            if Self.keptKinds.contains(item.event.kind) {
                keptEnvelopes[item.event.id] = item.envelope.bytes
            }
            if item.event.body is ProfileUpdated { noteName(of: item.event.author) }
        }
    }

    struct Absorbed {
        var texts: [(stored: Replica.Stored, text: MessageText)] = []
        var keys: [KeyRing.Learned] = []
    }

    private mutating func learn(
        _ absorbed: inout Absorbed, _ log: Log,
        _ open: (inout KeyRing, ServerState) throws(Failure<RuleCode>) -> [KeyRing.Learned]
    ) {
        do {
            let learned = try open(&keys, replica.state)
            absorbed.keys += learned
            for key in learned { release(key.epoch, &absorbed) }
        } catch {
            log.log(.warning, "server \(id): a channel key was refused: \(error)")
        }
    }

    /// Opens the messages that waited for a key.
    private mutating func release(_ epoch: Epoch.ID, _ absorbed: inout Absorbed) {
        guard let waiting = sealedMessages.removeValue(forKey: epoch) else { return }
        sealedCount -= waiting.count
        sealedIDs.subtract(waiting.lazy.map(\.event.id))
        for item in waiting { show(item, epoch: epoch, &absorbed, .silent) }
    }

    private mutating func show(
        _ item: Replica.Stored, epoch: Epoch.ID, _ absorbed: inout Absorbed, _ log: Log
    ) {
        switch open(item.event) {
        case .text(let text): absorbed.texts.append((item, text))
        case .keyMissing: holdSealed(item, epoch: epoch)
        case .undecryptable: log.log(.warning, "message \(item.event.id) does not open")
        }
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

    /// Marks events as durable.
    mutating func commit(_ events: [Event]) {
        for event in events {
            if (committedHeads[event.author]?.seq ?? 0) < event.seq {
                committedHeads[event.author] = (event.seq, event.id)
            }
        }
        committedCount += UInt64(events.count)
        noteForks()
    }

    mutating func noteForks() {
        if replica.state.hasForks { forks = replica.state.forks }
    }
}
