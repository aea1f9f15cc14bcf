package import PeerNet
package import PeerState

/// One running peer as a value: what happened goes in, what must be done comes out.
///
/// It performs nothing. The `Node` actor in production and the simulator interpret the same
/// effects, so one seed replays a whole network (ARCHITECTURE 6).
package struct NodeCore: Sendable {
    package enum Input: Sendable {
        case linkOpened(LinkID, LinkOrigin)
        case linkBytes(LinkID, [UInt8])
        case linkClosed(LinkID)
        case dialFailed(address: String)
        /// Somebody of this network listens there.
        case discovered(address: String)
        /// Where this node accepts links, as others may dial it.
        case listening([String], port: UInt16)
        case perform(ReplyID, Action)
        /// Envelopes of a server that came by another way than a link.
        case handed(Server.ID, [[UInt8]])
        case verified(JobID, [Result<Event, Failure<WireCode>>])
        case committed(JobID)
        case commitFailed(JobID, StoreFailure)
        case loaded(SyncCore.ReadID, SyncCore.Page)
        /// Some stored messages and edits of a server, in answer to `rescan`.
        case rescanned(Server.ID, [StoredEvent])
        /// The store could not be read for `rescan`, or for `reopen`.
        case rescanFailed(Server.ID)
        case reopenFailed(Server.ID, [MessageSource])
        /// The store could not be read for texts that it lacks.
        case fillFailed
        /// Stored events whose texts the store lacks, in canonical order.
        case refilled(Server.ID, [StoredEvent])
        /// The store has all texts again.
        case textsComplete
        /// Messages read again, in answer to `reopen`.
        case reopened(Server.ID, [Reopened])
        case refolded(NodeStorage.LoadedServer)
        case files(FileInput)
        case wake
        /// The end of a `checkpoint` and what names it; `nil` when it was not written.
        case checkpointed(Server.ID, Digest.Value?)
        /// The node is about to stop: what others see of it ends now.
        case farewell
        /// Nothing happened but that something set from outside waits to be stored.
        case touch
    }

    package enum Effect: Sendable {
        case write(LinkID, [UInt8])
        case close(LinkID)
        case dial(address: String)
        /// Check these signatures anywhere and bring the results back in order.
        case verify(JobID, Server.ID, [Envelope])
        /// Make durable; batches complete in the order given.
        case commit(JobID, StoreBatch)
        case read(SyncCore.ReadRequest)
        /// Bring messages of this server that are not shown, and all edits: some may open now.
        case rescan(Server.ID)
        /// Bring these messages and the events that hold their texts.
        case reopen(Server.ID, [MessageSource])
        /// Begin again to fill texts that the store lacks.
        case fillTexts
        /// Bring `wake` no later than this.
        case wake(at: Instant)
        case reply(ReplyID, Result<Outcome, NodeFailure>)
        case changed(Set<NodeChange>)
        /// Something that has no number in the feed.
        case noticed(NodeEvent)
        case wakeWaiter(WaiterID)
        /// Tell those who listen now.
        case live([LiveEvent])
        /// The store refused a batch: read everything again from what is durable.
        case reload
        /// Write this state over the checkpoint of its server, and say `checkpointed`.
        case checkpoint(CheckpointRequest)
        /// Fold every stored event of this server again, and bring `refolded`.
        case refold(Server.ID)
        /// Own history is whole again: what the store holds is the truth from now on.
        case recovered
        case files(FileEffect)
    }

    /// How a link came to be.
    package enum LinkOrigin: Sendable {
        case dialled(address: String)
        case accepted(from: String)
        case relayed(RelayedEnd)
    }

    package struct ReplyID: Hashable, Sendable {
        package let number: UInt64
        package init(_ number: UInt64) { self.number = number }
    }
    /// Nobody waits under this number; callers count from 1.
    static let noReply = ReplyID(0)
    package struct JobID: Hashable, Sendable { let number: UInt64 }
    package struct WaiterID: Hashable, Sendable {
        package let number: UInt64
        package init(_ number: UInt64) { self.number = number }
    }

    let configuration: NodeConfiguration
    let incarnation: [UInt8]
    var entropy: Entropy
    var now: Moment
    var out: [Effect] = []

    // Servers
    package internal(set) var servers: [Server.ID: HostedServer] = [:]
    var displayName: String
    var feed: UInt64 = 0
    /// The last feed position that is durable and visible.
    package internal(set) var visibleFeed: UInt64 = 0
    /// Whether the store's texts are complete as far as events were readable; a new one's are.
    var hasTexts = true
    var postponed = PostponedReadings()
    var marks: [MarkKey: ReadMark.Place] = [:]
    var sent: [SentKey: SentMessage] = [:]
    var places: [String: Place] = [:]
    /// The server that somebody here chose last.
    var lastServer: Server.ID?
    /// Emoji of reactions that this node could open.
    var reactionTexts: [Event.ID: String] = [:]
    /// Checkpoints that could not be used at the last start.
    package internal(set) var refusedCheckpoints = 0
    var mutes: [String: Mutes] = [:]
    var agreements: [Server.ID: AgreementBook] = [:]
    var recovery: Recovery
    var pause = StorePause()

    // Links
    var sync: SyncCore
    var links: [LinkID: LinkSlot] = [:]
    var dialling = DialPlan()
    var listenAddresses: [String] = []
    var listenPort: UInt16 = 0
    let staticKey: ExchangeKey
    var arrivals: Arrivals
    var duplicates: DuplicateLinks<LinkID>

    var reach: Reach

    // Work under way
    var nextJob: UInt64 = 0
    var verifications: [JobID: Verification] = [:]
    /// Its keys in the order of arrival.
    var verifying: [JobID] = []
    var inflight: [Inflight] = []
    var current = Inflight()
    var joins: [Server.ID: PendingJoin] = [:]
    var linkJoins: [Server.ID: LinkJoin] = [:]
    var erasures: [Server.ID: Erasure] = [:]
    /// Requests to join by links known here, of all links together.
    var joinAsks = RateWindow(limit: Limits.joinAsksTotal, period: Limits.joinAskPeriod)
    var forkReads: [SyncCore.ReadID: ForkRead] = [:]
    var forkReadCount: UInt64 = 0
    var offers: [Server.ID: ReceivedOffer] = [:]
    package internal(set) var blobs = BlobCore()
    /// What a provider brings here for others; `nil` elsewhere.
    var keeper: ChunkKeeper?
    /// Who asked for the chunks that are being looked up.
    var blobLooks: [BlobCore.ServeToken: BlobLook] = [:]
    /// What this node's owner noted about peers; never leaves the node.
    var contacts: [Peer.ID: Contact] = [:]
    var waiters = WaiterTable()
    var wakes = WakeList()
    var live: LivePlane
    var isStopped = false
    #if DEBUG
        /// Whether a folded row of each server is wrong on purpose.
        var keepsRowsWrong = false
    #endif

    package init(
        configuration: NodeConfiguration, incarnation: [UInt8], entropy: Entropy, now: Moment,
        recovery: Recovery = Recovery()
    ) {
        var entropy = entropy
        self.configuration = configuration
        self.incarnation = incarnation
        self.now = now
        self.recovery = recovery
        displayName = configuration.displayName
        staticKey = ExchangeKey.generate(&entropy)
        arrivals = Arrivals(now: now.monotonic)
        sync = SyncCore(
            identity: configuration.key.publicKey, incarnation: incarnation,
            firstSerial: now.wallMilliseconds, random: SeededRandom(seed: entropy.next()))
        live = LivePlane(me: configuration.key.publicKey, now: now)
        live.own.mode = configuration.presence
        duplicates = DuplicateLinks(own: configuration.key.publicKey)
        reach = Reach(me: configuration.key.publicKey, &entropy)
        self.entropy = entropy
        if configuration.isProvider { keeper = ChunkKeeper() }
        for text in configuration.peers + configuration.relays { addSeed(text) }
    }

    /// Stands for the link of what came by another way; real ones count from 1.
    static let noLink = LinkID(0)

    package var me: Peer.ID { configuration.key.publicKey }
    var log: Log { configuration.log }
    var writer: Replica.Writer {
        Replica.Writer(key: configuration.key, wallMilliseconds: now.wallMilliseconds)
    }

    /// Own events rest on nothing that others may lack for a while because its author floods.
    func writer(in server: Server.ID) -> Replica.Writer {
        var writer = writer
        writer.unnamed = sync.doubtfulAuthors(in: server, now.monotonic)
        return writer
    }

    /// Takes one input and returns everything that must be done because of it, in order.
    package mutating func handle(_ input: Input, now: Moment) -> [Effect] {
        guard !isStopped else { return refuse(input) }
        self.now = now
        switch input {
        case .linkOpened(let link, let origin): openLink(link, origin)
        case .linkBytes(let link, let bytes): session(link, .bytes(bytes))
        case .linkClosed(let link): closeLink(link)
        case .dialFailed(let address): failDial(address)
        case .discovered(let address): discover(address)
        case .listening(let addresses, let port):
            listenAddresses = addresses
            listenPort = port
            change(.connection)
            tellListening()
        case .perform(let id, let action): admit(id, action)
        case .handed(let server, let envelopes):
            deliver(envelopes, to: server, from: Self.noLink, wantID: nil)
        case .verified(let job, let results): finishVerification(job, results)
        case .committed(let job): if !endsPause(job) { finishCommit(job) }
        case .commitFailed(let job, let failure): failCommit(job, failure)
        case .loaded(let id, let page):
            if !takeForkPage(id, page) { syncHandle(.loaded(id, page)) }
        case .rescanned(let server, let events): showAgain(events, in: server)
        case .reopened(let server, let messages): finishReopening(messages, in: server)
        case .rescanFailed(let server): failRescan(of: server)
        case .reopenFailed(let server, let messages): failReopening(messages, in: server)
        case .fillFailed: failFilling()
        case .refilled(let server, let events): refill(events, in: server)
        case .textsComplete: completeTexts()
        case .refolded(let loaded): finishRefold(loaded)
        case .files(let input): files(input)
        case .wake: runTimers()
        case .checkpointed(let server, let hash): servers[server]?.endCheckpoint(hash)
        case .farewell: sayFarewell()
        case .touch: break
        }
        // A stopped core has said `reload`; nothing may follow it.
        if !isStopped { finishTurn() }
        defer { out.removeAll(keepingCapacity: true) }
        return out
    }

    private mutating func finishTurn() {
        if !pause.isOn { runDuties() }
        reachOut()
        dialDue()
        runLive()
        flush()
        writeDueCheckpoints()
        tryStore()
        armTimer()
    }

    /// Starts the periodic work; the first call after loading.
    package mutating func start(now: Moment) -> [Effect] {
        handle(.wake, now: now)
    }

    mutating func change(_ change: NodeChange) {
        current.changes.insert(change)
    }

    mutating func job() -> JobID {
        nextJob += 1
        return JobID(number: nextJob)
    }

    private mutating func runTimers() {
        wakes.passed(now.monotonic)
        for link in links.keys.sorted(by: { $0.number < $1.number }) { session(link, .tick) }
        syncHandle(.timer)
        reachTimer()
        readAgain()
        blobHandle(.timer)
        keep(.timer)
        expireJoins()
        retryJoins()
        eraseDue()
        for server in servers.keys.sorted() where servers[server]?.hasDuty(now.monotonic) == true {
            servers[server]?.needsDutyCheck = true
        }
        recovery.tick(now.monotonic, overrides: configuration.overridesRecovery)
        if configuration.overridesRecovery { settleRecovery() }
    }

    private mutating func armTimer() {
        if let at = wakes.toArm() { out.append(.wake(at: at)) }
    }
}
