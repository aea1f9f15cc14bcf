package import PeerNet
package import PeerState

/// One running peer: performs the effects of its core on sockets, the store and timers.
///
/// It decides nothing; every rule is in `NodeCore`. It lives on an event loop, whose callbacks run
/// in its isolation: they enter it without a hop, and keep it alive until `stop` has closed them.
package actor Node: LoopActor {
    package nonisolated let loop: EventLoop
    package nonisolated let peerID: Peer.ID
    package nonisolated let storeTag: UInt32

    let options: NodeOptions
    var core: NodeCore
    let store: Store
    let log: Log
    private let incarnation: [UInt8]
    private let lastPort: UInt16?
    private let configuration: NodeConfiguration

    private var tcp: [LinkID: TCPLink] = [:]
    /// Finished links that are not closed yet, the oldest first.
    private var closing: [LinkID] = []
    private var dials: [String: Dial] = [:]
    private var listener: TCPListener?
    var lan: LANAnnouncer?
    private var timer: PeerNet.Timer?
    private var nextLink: UInt64 = 0
    private var nextReply: UInt64 = 0
    private(set) var generation: UInt64 = 0
    private var replies: [NodeCore.ReplyID: CheckedContinuation<Outcome, any Error>] = [:]
    private var cursors = PageCursors()
    private var work: [UInt64: Task<Void, Never>] = [:]
    private var nextWork: UInt64 = 0
    private var isRebuilding = false
    var waits: [NodeCore.WaiterID: Wait] = [:]
    /// Waits whose first look at the store is under way, and whether they were woken meanwhile.
    var looking: [NodeCore.WaiterID: Bool] = [:]
    var sleeps = SleepTable()
    let files: FileDesk
    var fileWaits = FileWaits()
    var subscribers: [UInt64: AsyncStream<Set<NodeChange>>.Continuation] = [:]
    var noticers: [UInt64: AsyncStream<NodeEvent>.Continuation] = [:]
    var nextSubscriber: UInt64 = 0
    private(set) var isStopping = false
    /// Whether the store is being given texts that it lacks, and who waits to read them all.
    package var isFillingTexts: Bool { fillsUnderWay > 0 }
    var fillsUnderWay = 0
    var textWaits: [UInt64: TextWait] = [:]
    var nextTextWait: UInt64 = 0

    /// Opens the data directory, reads what is stored, listens and starts to dial.
    ///
    /// - Parameter locked: is called as soon as the directory is this node's and its key is
    ///   known, before what is stored is opened.
    /// - Errors: `StoreFailure` for files and database, `NetFailure` for the listener,
    ///   `NodeFailure` for the invite.
    package static func start(
        _ options: NodeOptions, on loop: EventLoop, locked: @Sendable () -> Void = {}
    ) async throws -> Node {
        let directory = try DataDirectory(preparing: options.dataDirectory)
        var entropy = Entropy.system
        let (key, store) = try open(options, in: directory, &entropy, locked)
        do {
            let node = try await Node(options, key: key, store: store, loop: loop, entropy: entropy)
            try await node.open()
            return node
        } catch {
            try await store.close()
            throw error
        }
    }

    private init(
        _ options: NodeOptions, key: SigningKey, store: Store, loop: EventLoop, entropy: Entropy
    ) async throws {
        self.options = options
        self.loop = loop
        self.store = store
        files = try FileDesk(options)
        log = options.log
        peerID = key.publicKey
        storeTag = Self.tag(of: store.opening.instanceID)
        var entropy = entropy
        let (me, startLog) = (key.publicKey, options.log)
        let stored = try await store.read { core in
            try NodeStorage.load(core, me: me, log: startLog)
        }
        let isRecovering = store.opening.verdict != .fine
        let known = stored.setting("incarnation")
        lastPort = stored.setting("port").flatMap {
            UInt16(String(decoding: $0, as: UTF8.self))
        }
        // A life that was copied or restored gets a new name (PROTOCOL 5.8, F6).
        incarnation = isRecovering ? entropy.bytes(16) : known ?? entropy.bytes(16)
        var configuration = NodeConfiguration(
            key: key, network: options.network, displayName: options.displayName ?? "Agent",
            peers: options.peers, log: options.log, overridesRecovery: options.overridesRecovery)
        configuration.relays = options.relays
        configuration.isRelay = options.isRelay
        configuration.isProvider = options.isProvider
        configuration.currentServer = options.currentServer
        self.configuration = configuration
        core = Self.makeCore(
            configuration, incarnation, stored, verdict: store.opening.verdict, entropy: entropy)
        if options.displayName != nil && stored.setting("name") == nil { core.keepName() }
        if isRecovering {
            log.log(
                .warning,
                "this data directory was restored, copied or moved: nothing is written "
                    + "until peers have handed back what may be missing")
        }
    }

    private static func makeCore(
        _ configuration: NodeConfiguration, _ incarnation: [UInt8], _ stored: StoredNode,
        verdict: HighWaterVerdict, entropy: Entropy
    ) -> NodeCore {
        let now = SystemClock.moment()
        var core = NodeCore(
            configuration: configuration, incarnation: incarnation, entropy: entropy, now: now,
            recovery: recovery(verdict, now.monotonic))
        core.restore(stored)
        // A write at every start would be refused again and again while the disk is full.
        if stored.setting("incarnation") != incarnation { core.keepIncarnation() }
        return core
    }

    private static func recovery(_ verdict: HighWaterVerdict, _ now: Instant) -> Recovery {
        switch verdict {
        case .fine: Recovery()
        case .behind(let gaps): Recovery(since: now, affected: Set(gaps.keys))
        case .moved, .missing: Recovery(since: now, affected: nil)
        }
    }

    private static func tag(of instance: [UInt8]) -> UInt32 {
        Sodium.blake2b(instance).bytes.prefix(4).reduce(0) { $0 << 8 | UInt32($1) }
    }

    private func open() async throws {
        #if DEBUG
            if options.keepsRowsWrong { core.keepRowsWrong() }
        #endif
        try await prepareTexts()
        timer = try PeerNet.Timer(loop) { self.wake() }
        if let text = options.listen { try listen(text) }
        perform(core.start(now: SystemClock.moment()))
        fillTexts()
        own { node in await node.keepTidy() }
        if let invite = options.invite {
            let outcome = try await perform(.acceptInvite(code: invite))
            log.log(.info, "invite: \(outcome.kind.rawValue)")
        }
    }

    private func listen(_ text: String) throws {
        guard let address = Address(listening: text) else {
            throw NodeFailure(.listenFailed, "listen: expected host:port, got \(text)")
        }
        let listener = try bind(address)
        self.listener = listener
        core.keepPort(listener.address.port)
        log.log(.info, "listening on \(listener.address)")
        feed(.listening(Self.dialable(listener.address), port: listener.address.port))
        startLAN(listener.address)
    }

    /// Any port means the one used last, when it is free: others remember where this node was.
    private func bind(_ address: Address) throws -> TCPListener {
        let onAccept: (TCPLink) -> Void = { link in
            self.adopt(link, .accepted(from: link.remote?.description ?? ""))
        }
        if address.port == 0, let lastPort {
            do {
                let last = Address(host: address.host, port: lastPort)
                return try TCPListener(loop, at: last, onAccept: onAccept)
            } catch {
                log.log(.info, "port \(lastPort), used last, is taken; another one it is")
            }
        }
        return try TCPListener(loop, at: address, onAccept: onAccept)
    }

    /// Addresses that others may dial: the host itself, or every address of this machine.
    private static func dialable(_ address: Address) -> [String] {
        let isAny = address.host == "0.0.0.0" || address.host == "::"
        let hosts = isAny ? LocalAddresses.all() : [address.host]
        return hosts.compactMap { host in
            Address(host.contains(":") ? "[\(host)]:\(address.port)" : "\(host):\(address.port)")?
                .description
        }
    }

    package func listeningAddresses() -> [String] {
        listener.map { [$0.address.description] } ?? []
    }

    // Effects

    func feed(_ input: NodeCore.Input) {
        perform(core.handle(input, now: SystemClock.moment()))
    }

    /// Of a result that an earlier memory asked for: its numbers mean something else by now.
    func feed(_ input: NodeCore.Input, of asked: UInt64) {
        if asked == generation { feed(input) }
    }

    private func wake() {
        if core.isStopped { reload() } else { feed(.wake) }
    }

    private func perform(_ effects: [NodeCore.Effect]) {
        for effect in effects { perform(effect) }
    }

    private func perform(_ effect: NodeCore.Effect) {
        switch effect {
        case .write(let link, let bytes): write(bytes, to: link)
        case .close(let link): finish(link)
        case .dial(let address): dial(address)
        case .verify(let job, let server, let envelopes): verify(job, server, envelopes)
        case .commit(let job, let batch): commit(job, batch)
        case .read(let request): read(request)
        case .rescan(let server): own { node in await node.rescan(server) }
        case .reopen(let server, let messages):
            own { node in await node.reopen(server, messages) }
        case .fillTexts: if !isFillingTexts { fillTexts() }
        case .wake(let at): timer?.arm(at: at)
        case .reply(let id, let result): answer(id, result)
        case .changed(let changes): for stream in subscribers.values { stream.yield(changes) }
        case .live(let events): for event in events { notice(core.notice(of: event)) }
        case .noticed(let event): notice(event)
        case .wakeWaiter(let id): wake(id, found: true)
        case .reload: reload()
        case .checkpoint(let request): own { node in await node.write(request) }
        case .refold(let server): own { node in await node.refold(server) }
        case .recovered: own { node in await node.settleHighWater() }
        case .files(let effect): perform(effect)
        }
    }

    private func answer(_ id: NodeCore.ReplyID, _ result: Result<Outcome, NodeFailure>) {
        guard let continuation = replies.removeValue(forKey: id) else { return }
        switch result {
        case .success(let outcome): continuation.resume(returning: outcome)
        case .failure(let failure): continuation.resume(throwing: failure)
        }
    }

    /// Validates, signs, commits and hands on; returns what really happened.
    package func perform(_ action: Action) async throws -> Outcome {
        let action = try await completed(action)
        guard !isStopping else { throw NodeFailure(.shuttingDown, "the node is stopping") }
        nextReply += 1
        let id = NodeCore.ReplyID(nextReply)
        return try await withTaskExecutorPreference(loop) {
            try await withCheckedThrowingContinuation { continuation in
                replies[id] = continuation
                feed(.perform(id, action))
            }
        }
    }

    // Links

    /// Says so when little waits to leave on a link.
    func announceDrain(of link: LinkID) {
        guard let stream = tcp[link] else { return }
        // Above the mark the stream says so itself.
        guard stream.queuedBytes <= stream.lowWater else { return }
        loop.perform { [weak self] in self?.assumeIsolated { $0.drained(link) } }
    }

    private func write(_ bytes: [UInt8], to link: LinkID) {
        guard let stream = tcp[link] else { return }
        stream.write(bytes)
        // A reader that does not read is closed rather than buffered without limit.
        if stream.queuedBytes > Limits.linkOutboxBytes {
            log.log(.info, "link \(link.number): the other side does not read, closed")
            stream.close()
        }
    }

    /// Lets what was written leave. Those who wait for the other side are few.
    private func finish(_ link: LinkID) {
        guard let stream = tcp[link] else { return }
        stream.finish()
        closing.removeAll { tcp[$0] == nil }
        closing.append(link)
        if closing.count > Limits.closingLinks { tcp[closing.removeFirst()]?.close() }
    }

    private func dial(_ text: String) {
        guard !isStopping, dials[text] == nil, let address = Address(local: text) else { return }
        do {
            dials[text] = try TCPLink.dial(address, on: loop) { result in
                self.dialled(text, result)
            }
        } catch {
            log.log(.debug, "dial \(text): \(error)")
            feed(.dialFailed(address: text))
        }
    }

    private func dialled(_ text: String, _ result: Result<TCPLink, NetFailure>) {
        dials[text] = nil
        switch result {
        case .success(let link): adopt(link, .dialled(address: text))
        case .failure(let failure):
            log.log(.debug, "dial \(text): \(failure)")
            feed(.dialFailed(address: text))
        }
    }

    private func adopt(_ stream: TCPLink, _ origin: NodeCore.LinkOrigin) {
        guard !isStopping else { return stream.close() }
        nextLink += 1
        let link = LinkID(nextLink)
        tcp[link] = stream
        stream.onBytes = { self.feed(.linkBytes(link, $0)) }
        stream.onClose = { _ in self.closed(link) }
        stream.lowWater = Limits.blobLowWater
        stream.onDrain = { self.drained(link) }
        stream.resumeReading()
        feed(.linkOpened(link, origin))
    }

    private func closed(_ link: LinkID) {
        tcp[link] = nil
        feed(.linkClosed(link))
    }

    // Store and workers

    private func commit(_ job: NodeCore.JobID, _ batch: StoreBatch) {
        let generation = generation
        store.submit(batch, generation: generation) { [weak self] result in
            self?.completed(job, generation, result)
        }
    }

    /// Called on the store's thread.
    private nonisolated func completed(
        _ job: NodeCore.JobID, _ generation: UInt64, _ result: Result<Void, StoreFailure>
    ) {
        loop.perform { [weak self] in
            self?.assumeIsolated { node in
                // Completions of a memory that was given up concern nobody.
                guard generation == node.generation else { return }
                switch result {
                case .success: node.feed(.committed(job))
                case .failure(let failure):
                    // The store refuses all that was submitted before this.
                    node.generation += 1
                    node.feed(.commitFailed(job, failure))
                }
            }
        }
    }

    private func read(_ request: SyncCore.ReadRequest) {
        let ranges = cursors.ranges(for: request)
        let generation = generation
        own { node in
            let page = await node.readPage(request, ranges)
            node.feed(.loaded(request.id, page), of: generation)
        }
    }

    private func readPage(
        _ request: SyncCore.ReadRequest, _ ranges: [EventRange]?
    ) async -> SyncCore.Page {
        do {
            let found = try await store.read { core in
                try NodeStorage.page(request, from: ranges, core)
            }
            if let last = found.page.envelopes.last, !found.page.isLast {
                let event = try Event(decoding: Envelope(decoding: last))
                cursors.keep(found.remaining, of: request, after: event.orderKey)
            }
            return found.page
        } catch {
            log.log(.error, "reading events for a peer: \(error)")
            return SyncCore.Page(envelopes: [], isLast: true)
        }
    }

    /// Checks signatures on the worker pool.
    private func verify(_ job: NodeCore.JobID, _ server: Server.ID, _ envelopes: [Envelope]) {
        let generation = generation
        own { node in
            let results = await SignatureChecks.examine(envelopes, for: server)
            node.feed(.verified(job, results), of: generation)
        }
    }

    /// Runs work that the node waits for when it stops.
    func own(_ body: @escaping @Sendable (isolated Node) async -> Void) {
        nextWork += 1
        let id = nextWork
        work[id] = Task { [weak self] in
            guard let self else { return }
            await body(self)
            await self.forget(id)
        }
    }

    private func forget(_ id: UInt64) { work[id] = nil }

    /// After a refused write: closes every link and builds memory again from what is durable.
    ///
    /// How soon this may happen again is the core's to say, which pauses after a refusal.
    private func reload() {
        guard !isRebuilding else { return }
        isRebuilding = true
        generation += 1
        let refusal = core.writeRefusal ?? NodeFailure(.storeFailed, "the store refused a write")
        for continuation in replies.values { continuation.resume(throwing: refusal) }
        replies.removeAll()
        for stream in tcp.values {
            stream.onClose = nil
            stream.close()
        }
        tcp.removeAll()
        own { node in await node.rebuild() }
    }

    private func rebuild() async {
        defer { isRebuilding = false }
        do {
            let (me, loadLog) = (peerID, log)
            let stored = try await store.read { core in
                try NodeStorage.load(core, me: me, log: loadLog)
            }
            guard !isStopping else { return }
            cursors = PageCursors()
            core = core.rebuilt(from: stored, entropy: .system, now: SystemClock.moment())
            if let listener {
                feed(.listening(Self.dialable(listener.address), port: listener.address.port))
            }
            perform(core.start(now: SystemClock.moment()))
            fillTexts()
        } catch {
            log.log(.error, "the store cannot be read: \(error)")
            timer?.arm(at: loop.now + Limits.storePauseLongest)
        }
    }

    private func settleHighWater() async {
        do { try await store.settleHighWater() } catch {
            log.log(.error, "the high-water file: \(error)")
        }
    }

    // The end

    /// Stops accepting, finishes what is under way, closes links and then the store.
    package func stop() async {
        guard !isStopping else { return }
        feed(.farewell)
        isStopping = true
        listener?.close()
        lan?.close()
        for dial in dials.values { dial.cancel() }
        for id in waits.keys { wake(id, found: false) }
        for wait in fileWaits.removeAll() { end(wait, .stopped) }
        sleeps.wakeAll()
        for stream in subscribers.values { stream.finish() }
        subscribers.removeAll()
        for stream in noticers.values { stream.finish() }
        noticers.removeAll()
        for task in work.values { await task.value }
        await drainStore()
        await writeLastCheckpoints()
        for stream in tcp.values { stream.finish() }
        timer?.close()
        await files.close()
        do { try await store.close() } catch {
            log.log(.error, "closing the store: \(error)")
        }
    }

    /// Everything submitted before is durable and its effects are done when this returns.
    private func drainStore() async {
        do { try await store.commit(StoreBatch()) } catch {
            log.log(.warning, "the last commit: \(error)")
        }
        await Task.yield()
    }
}
