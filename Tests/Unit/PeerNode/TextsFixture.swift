import PeerNet
import PeerNode
import PeerState
import PeerTesting

/// One core with its store, and other members whose events are handed to it by hand.
final class TextsFixture {
    private(set) var store: StoreCore
    let bob = SigningKey(seed: [UInt8](repeating: 2, count: 32))
    private(set) var server: Server.ID
    private(set) var channel: Channel.ID
    private(set) var core: NodeCore
    private(set) var reopened = 0
    /// Answers to `rescan` and `reopen` that the disk did not give.
    private(set) var failedReads = 0
    /// How often texts were to be filled once more.
    private(set) var fillsAsked = 0
    private(set) var batches: [StoreBatch] = []
    /// What was asked of the store, in order.
    private(set) var acts: [StoreAct] = []
    /// What was read for peers, in order.
    private(set) var pagesRead: [SyncCore.Page] = []
    /// Batches that the store has not taken yet; `nil` while it takes each at once.
    private var heldBatches: [(job: NodeCore.JobID, batch: StoreBatch)]?
    /// Called once, when messages were read again and the end of that was not told.
    var whileReading: (() -> Void)?
    /// Called once, when messages were read again and nothing of them was handed over.
    var afterReading: (() -> Void)?
    /// What views were told may have changed, since it was last emptied.
    var changes: Set<NodeChange> = []
    private(set) var notices: [NodeEvent] = []
    private let key = SigningKey(seed: [UInt8](repeating: 1, count: 32))
    private var outcomes: [UInt64: Result<Outcome, NodeFailure>] = [:]
    private var nextReply: UInt64 = 0
    private var wall: UInt64 = 1_700_000_000_000
    private var passed = Milliseconds(0)
    private var entropy = Entropy.seeded(SeededRandom(seed: 7))

    /// - Parameter disk: where the store lies; in memory without it.
    init(_ disk: FaultyDisk? = nil) throws {
        var entropy = Entropy.seeded(SeededRandom(seed: 5))
        store = try disk?.store(&entropy) ?? StoreCore(entropy: &entropy)
        core = Self.makeCore(key, wall)
        core.restore(StoredNode())
        server = Server.ID(Self.none)
        channel = Channel.ID(Self.none)
        perform(core.start(now: moment))
        let created = try act(.createServer(name: "Harbour", description: ""))
        guard let made = created.server, let general = created.channel else { throw Missing() }
        (server, channel) = (made, general)
        _ = try write(MemberGranted(target: bob.publicKey, level: .member), by: nil)
    }

    struct Missing: Error {}

    private static var none: Event.ID {
        guard let id = Event.ID([UInt8](repeating: 0, count: 32)) else {
            preconditionFailure("an id of 32 bytes")
        }
        return id
    }

    private static func makeCore(_ key: SigningKey, _ wall: UInt64) -> NodeCore {
        NodeCore(
            configuration: NodeConfiguration(key: key, displayName: "alice", log: .silent),
            incarnation: [UInt8](repeating: 9, count: 16),
            entropy: .seeded(SeededRandom(seed: 6)),
            now: Moment(monotonic: .zero, wallMilliseconds: wall))
    }

    private var moment: Moment {
        Moment(monotonic: Instant(nanoseconds: wall) + passed, wallMilliseconds: wall)
    }

    /// Lets time pass, and wakes the core.
    func pass(_ duration: Milliseconds) {
        passed = Milliseconds(passed.count + duration.count)
        feed(.wake)
    }

    /// Lets the store take nothing until `releaseBatches`.
    func holdBatches() { heldBatches = [] }

    func releaseBatches() {
        let held = heldBatches ?? []
        heldBatches = nil
        perform(held.map { .commit($0.job, $0.batch) })
    }

    /// Opens the database anew, with nothing of it at hand.
    func reopen(on disk: FaultyDisk) throws {
        try store.close()
        var entropy = entropy.split()
        store = try disk.store(&entropy)
    }

    /// The next rows without texts, as a node reads them to fill its store.
    func refill(after: OrderKey?, before end: UInt64, count: Int) throws -> OrderKey? {
        let rows = try store.events(of: server, after: after, maxCount: count)
        feed(.refilled(server, rows))
        return rows.last.flatMap { $0.lamport < end ? $0.orderKey : nil }
    }

    func failRefill() { feed(.fillFailed) }

    func endRefill() throws {
        try store.forgetKeptArrivals()
        feed(.textsComplete)
    }

    /// Ends the core and starts another from the store.
    ///
    /// - Parameter beforeReading: called when its memory is there and no message was read again.
    func restart(beforeReading: () -> Void = {}) throws {
        core = Self.makeCore(key, wall)
        core.restore(try NodeStorage.load(store, me: key.publicKey))
        beforeReading()
        perform(core.start(now: moment))
    }

    // Acting

    func act(_ action: Action) throws -> Outcome {
        nextReply += 1
        var action = action
        if case .postMessage(var post) = action {
            post.known = try NodeStorage.known(about: post, store)
            action = .postMessage(post)
        }
        if case .content(_, let message, let server, _) = action {
            let missing = core.reactionsToOpen(of: [(server: server, id: message)])
            core.openReactions(try NodeStorage.events(missing, store))
        }
        if case .markRead(let mark) = action {
            action = .markRead(try NodeStorage.completed(mark, store))
        }
        feed(.perform(NodeCore.ReplyID(nextReply), action))
        guard let result = outcomes[nextReply] else { throw Missing() }
        return try result.get()
    }

    func post(_ text: String, parent: Event.ID? = nil) throws -> Event.ID {
        let post = PostMessage(
            principal: "agent", server: server, channel: channel, text: text, parent: parent)
        guard let id = try act(.postMessage(post)).event else { throw Missing() }
        return id
    }

    /// Writes an event as another member would, and hands it over.
    ///
    /// - Parameter author: `nil` = the node's own key, in another place.
    @discardableResult
    func write(
        _ body: any EventBody, by author: SigningKey? = nil, hands: Bool = true
    ) throws -> Replica.Stored {
        wall += 1_000
        guard var replica = core.servers[server]?.replica else { throw Missing() }
        let writer = Replica.Writer(key: author ?? key, wallMilliseconds: wall)
        let stored = try replica.author(body, by: writer)
        if hands { hand(stored) }
        guard let last = stored.last else { throw Missing() }
        return last
    }

    /// The same with several, which come all at once.
    func write(_ bodies: [any EventBody], by author: SigningKey) throws {
        wall += 1_000
        guard var replica = core.servers[server]?.replica else { throw Missing() }
        let writer = Replica.Writer(key: author, wallMilliseconds: wall)
        hand(try bodies.flatMap { try replica.author($0, by: writer) })
    }

    func hand(_ stored: [Replica.Stored]) {
        feed(.handed(server, stored.map(\.envelope.bytes)))
    }

    func bobPosts(_ text: String, mentions: [Peer.ID] = [], parent: Event.ID? = nil) throws
        -> Event.ID
    {
        let sealed = try seal(MessageText(text, mentions: mentions), MessagePosted.kind)
        return try write(
            MessagePosted(channel: channel, sealed: sealed, parent: parent), by: bob
        ).event.id
    }

    /// A message that does not reach the node yet.
    func bobWrites(_ text: String) throws -> Replica.Stored {
        let sealed = try seal(MessageText(text, mentions: []), MessagePosted.kind)
        return try write(
            MessagePosted(channel: channel, sealed: sealed, parent: nil), by: bob, hands: false)
    }

    func mute(_ subject: MuteSubject, _ mute: Mute?, of principal: String) {
        core.setMute(subject, mute, of: principal)
        feed(.touch)
    }

    func bobEdits(_ message: Event.ID, _ text: String) throws -> Replica.Stored {
        try write(try edit(message, text), by: bob)
    }

    /// Bob's next event, if it is to edit a message.
    func edit(_ message: Event.ID, _ text: String) throws -> MessageEdited {
        let sealed = try seal(MessageText(text, mentions: []), MessageEdited.kind)
        return MessageEdited(message: message, sealed: sealed)
    }

    @discardableResult
    func bobReacts(_ message: Event.ID, _ emoji: String = "+") throws -> Event.ID {
        // A reaction is the first element of what a message holds.
        let sealed = try seal(MessageText(emoji, mentions: []), ReactionAdded.kind)
        return try write(ReactionAdded(message: message, sealed: sealed), by: bob).event.id
    }

    /// Under the newest epoch whose key is here.
    private func seal(_ text: MessageText, _ kind: UInt64) throws -> SealedBody {
        guard let slot = core.servers[server] else { throw Missing() }
        let epochs = slot.state.epochs.values.filter {
            $0.channel == channel && slot.keys.holds($0.id)
        }
        guard let epoch = epochs.max(by: { $0.depth < $1.depth }),
            let key = slot.keys.key(epoch.id)
        else { throw Missing() }
        let next = slot.replica.nextPlace(of: bob.publicKey)
        let place = MessagePlace(
            server: server, channel: channel, epoch: epoch.id, commit: epoch.commit,
            author: bob.publicKey, seq: next.seq, prev: next.prev, kind: kind)
        return place.seal(text, channelKey: key, &entropy)
    }

    /// Writes what no checkpoint holds yet, as a node does now and then.
    func checkpoint() throws {
        for request in core.lastCheckpoints() {
            let checkpoint = request.snapshot.checkpoint(atMilliseconds: wall)
            acts.append(.checkpoint(request, checkpoint))
            let hash = try NodeStorage.write(request, checkpoint, store)
            feed(.checkpointed(request.server, hash))
        }
    }

    /// Asks something of the store that no effect asks for.
    func ask(_ act: StoreAct) throws {
        acts.append(act)
        try act.perform(on: store)
    }

    // Reading

    func messages() throws -> [StoredMessage] {
        try store.messages(of: channel, in: server, .oldest, limit: 1_000).messages
    }

    func texts() throws -> [String] { try messages().map(\.text) }

    func page(
        _ anchor: PageRequest.Anchor, limit: Int = 50, thread: Event.ID? = nil
    ) throws -> MessagePage {
        let request = try core.checked(
            PageRequest(
                server: server, channel: channel, anchor: anchor, limit: limit,
                thread: thread, showsSealed: true))
        let found = try NodeStorage.messages(request, store)
        let missing = core.reactionsToOpen(
            of: found.page.messages.map { (server: $0.server, id: $0.id) })
        core.openReactions(try NodeStorage.events(missing, store))
        return try core.page(request, found, feed: core.visibleFeed)
    }

    /// One message as its readers are shown it.
    func look(at message: Event.ID) throws -> MessageSnapshot {
        let found = try store.message(message, withSealed: true)
        return try core.message(message, found)
    }

    /// What a wait that began at the beginning would bring.
    func news(_ principal: String) throws -> [Event.ID] {
        try NodeStorage.news(
            after: 0, WaitFilter(principal: principal), limit: 100, store
        ).map(\.id)
    }

    func inbox(_ principal: String) throws -> InboxSnapshot {
        let found = try NodeStorage.unread(
            in: core.inboxPlaces(nil), by: principal, messagesPerChannel: 10, store)
        return core.inbox(found, feed: core.visibleFeed, principal: principal)
    }

    /// What the feed tells after a position.
    func told(after feed: UInt64) throws -> [NodeEvent] {
        let found = try NodeStorage.feed(
            after: feed, through: core.visibleFeed, limit: 1_000, store)
        return found.items.compactMap { core.describe($0) }
    }

    // Effects

    private func feed(_ input: NodeCore.Input) { perform(core.handle(input, now: moment)) }

    private func perform(_ effects: [NodeCore.Effect]) {
        for effect in effects {
            do { try perform(effect) } catch { preconditionFailure("the store: \(error)") }
        }
    }

    private func perform(_ effect: NodeCore.Effect) throws {
        switch effect {
        case .verify(let job, let server, let envelopes):
            feed(.verified(job, envelopes.map { NodeCore.examine($0, for: server) }))
        case .commit(let job, let batch) where heldBatches != nil:
            heldBatches?.append((job, batch))
        case .commit(let job, let batch):
            batches.append(batch)
            acts.append(.commit(batch))
            try store.commit([batch])
            feed(.committed(job))
        case .rescan(let server):
            let from = core.servers[server]?.rescanFrom ?? 0
            var place: NodeStorage.RescanPlace? = .from(lamport: from)
            do {
                while place != nil {
                    let rows = try NodeStorage.rescan(server, &place, store)
                    let interruption = afterReading
                    afterReading = nil
                    interruption?()
                    if !rows.isEmpty { feed(.rescanned(server, rows)) }
                }
                let interruption = whileReading
                whileReading = nil
                interruption?()
                feed(.rescanned(server, []))
            } catch {
                failedReads += 1
                feed(.rescanFailed(server))
            }
        case .reopen(let server, let messages):
            reopened += messages.count
            do {
                feed(.reopened(server, try NodeStorage.reopened(messages, in: server, store)))
            } catch {
                failedReads += 1
                feed(.reopenFailed(server, messages))
            }
        case .read(let request):
            let page = try NodeStorage.page(request, from: nil, store).page
            pagesRead.append(page)
            feed(.loaded(request.id, page))
        case .fillTexts: fillsAsked += 1
        case .changed(let changes): self.changes.formUnion(changes)
        case .noticed(let event): notices.append(event)
        case .reply(let id, let result): outcomes[id.number] = result
        default: break
        }
    }
}
