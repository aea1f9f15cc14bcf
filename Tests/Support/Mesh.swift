package import PeerNet
package import PeerNode
package import PeerState

/// Whole nodes on a network without sockets: virtual time, databases in memory, one seed.
///
/// It interprets the same effects as the `Node` actor, so what runs here is the product's core,
/// sessions, handshakes and store.
package final class Mesh {
    /// One node and what it has on disk.
    final class Member {
        let key: SigningKey
        var store: StoreCore
        let shelf = BlobShelf()
        var fetches = MeshFetches()
        var core: NodeCore
        var cursors = PageCursors()
        /// The only wake that counts; earlier requests are stale.
        var wakeAt: Instant?

        init(key: SigningKey, store: StoreCore, core: NodeCore) {
            self.key = key
            self.store = store
            self.core = core
        }
    }

    package var network: MemoryNetwork
    var members: [Member] = []
    private var inputs: [(node: Int, input: NodeCore.Input, isOutside: Bool)] = []
    /// Whether what goes on follows from something an outsider did.
    private var isOutside = false
    private var isFeeding = false
    private let seed: Seed
    package var clock = VirtualClock()
    private var replies: [UInt64: Result<Outcome, NodeFailure>] = [:]
    private var nextReply: UInt64 = 0
    private let log: Log
    private let waitingForKey: Int
    /// What each node told its listeners and nobody has looked at.
    private var live: [Int: [LiveEvent]] = [:]
    var notices: [Int: [NodeEvent]] = [:]
    /// Those on the network who are no nodes, by their place.
    package var outsiders: [Int: any Outsider] = [:]
    /// What outsiders cost nodes: work, and batches written.
    package private(set) var outsideCost = Cost()
    package private(set) var outsideWrites = 0
    /// Sees every byte that is sent, by the node that sends it.
    package var onWire: ((Int, [UInt8]) -> Void)?
    /// Sees how many bytes arrive at which node, before it does.
    package var onArrival: ((Int, Int) -> Void)?
    /// Sees what a node has just made durable.
    package var onStored: ((Int, StoreBatch) -> Void)?
    /// What becomes of bytes on their way: other bytes, or none.
    package var strike: ((LinkID, [UInt8]) -> [[UInt8]])?
    private let configure: (Int, inout NodeConfiguration) -> Void
    /// Whether a node's dial of another one never arrives, as behind a router.
    package var blocksDial: (_ from: Int, _ to: Int) -> Bool = { _, _ in false }
    /// Nodes that stop between a commit and hearing of it.
    var diesInCommit: Set<Int> = []
    /// What the stores of slow nodes have not taken yet, in order.
    var heldCommits: [Int: [(job: NodeCore.JobID, batch: StoreBatch)]] = [:]
    /// Where the databases lie; in memory without it.
    private let folder: String?

    /// - Parameters:
    ///   - waitingForKey: how many messages a node remembers as waiting for their key.
    ///   - folder: where the databases are made, for those who look into them.
    package init(
        seed: UInt64, count: Int, conditions: MemoryConditions = MemoryConditions(),
        waitingForKey: Int = Limits.waitingForKey, log: Log = .silent, folder: String? = nil,
        configure: @escaping (Int, inout NodeConfiguration) -> Void = { _, _ in }
    ) throws {
        self.configure = configure
        self.folder = folder
        self.seed = Seed(seed)
        self.waitingForKey = waitingForKey
        self.log = log
        network = MemoryNetwork(seed: Seed(seed), conditions: conditions)
        for index in 0..<count { try add(index) }
    }

    package static func address(_ node: Int) -> String { "10.0.0.\(node + 1):4646" }

    private func add(_ index: Int) throws {
        var entropy = Entropy.seeded(seed.stream("identity", UInt64(index), 0))
        let key = SigningKey(seed: entropy.bytes(32))
        let store = try StoreCore(path: database(index) ?? ":memory:", entropy: &entropy)
        var core = makeCore(index, key, life: 0)
        core.restore(StoredNode())
        let member = Member(key: key, store: store, core: core)
        members.append(member)
        boot(index)
    }

    /// The file of a node's database, when it is one.
    package func database(_ node: Int) -> String? { folder.map { "\($0)/node\(node).db" } }

    private func makeCore(
        _ index: Int, _ key: SigningKey, life: UInt64, recovery: Recovery = Recovery()
    ) -> NodeCore {
        var entropy = Entropy.seeded(seed.stream("entropy", UInt64(index), life))
        var configuration = NodeConfiguration(
            key: key, displayName: "node\(index)", log: log)
        configuration.waitingForKey = waitingForKey
        configure(index, &configuration)
        return NodeCore(
            configuration: configuration, incarnation: entropy.bytes(16), entropy: entropy,
            now: moment(index), recovery: recovery)
    }

    private func boot(_ index: Int) {
        feed(index, .listening([Self.address(index)], port: 4646))
        feed(index, .wake)
    }

    func moment(_ node: Int) -> Moment { clock.moment(of: node, at: network.now) }

    // Acting

    package func peerID(_ node: Int) -> Peer.ID { members[node].key.publicKey }
    package func core(_ node: Int) -> NodeCore { members[node].core }
    package func wallMilliseconds(_ node: Int) -> UInt64 { moment(node).wallMilliseconds }

    /// Performs an action and runs the network until its outcome is there.
    package func act(_ node: Int, _ action: Action) throws -> Outcome {
        nextReply += 1
        let id = nextReply
        feed(node, .perform(NodeCore.ReplyID(id), try completed(node, action)))
        while replies[id] == nil { guard step() else { break } }
        guard let result = replies.removeValue(forKey: id) else {
            throw NodeFailure(.timeout, "no outcome")
        }
        return try result.get()
    }

    private func completed(_ node: Int, _ action: Action) throws -> Action {
        guard case .postMessage(var post) = action else { return action }
        post.known = try NodeStorage.known(about: post, members[node].store)
        return .postMessage(post)
    }

    /// Founds a server on node 0, invites all others and lets them join.
    package func gather() throws -> (server: Server.ID, channel: Channel.ID) {
        let created = try act(0, .createServer(name: "Harbour", description: ""))
        guard let server = created.server, let channel = created.channel else {
            throw NodeFailure(.internalError, "no server")
        }
        for node in members.indices.dropFirst() {
            let invite = try act(
                0, .invite(server: server, recipient: peerID(node), expiresAtMilliseconds: nil))
            let joined = try act(node, .acceptInvite(code: invite.inviteCode ?? ""))
            guard joined.kind == .applied else {
                throw NodeFailure(.internalError, "node \(node): \(joined.kind)")
            }
        }
        run(for: .seconds(20))
        return (server, channel)
    }

    package func post(_ node: Int, _ server: Server.ID, _ channel: Channel.ID, _ text: String)
        throws -> Outcome
    {
        try act(
            node,
            .postMessage(
                PostMessage(principal: "test", server: server, channel: channel, text: text)))
    }

    /// Texts of a channel in display order, as this node shows them.
    package func texts(_ node: Int, _ server: Server.ID, _ channel: Channel.ID) throws -> [String] {
        let request = PageRequest(server: server, channel: channel, anchor: .newest, limit: 100_000)
        return try NodeStorage.messages(request, members[node].store).page.messages.map(\.text)
    }

    package func stateHash(_ node: Int, _ server: Server.ID) -> Digest.Value? {
        members[node].core.servers[server].map { StateHash.hash(of: $0.state) }
    }

    /// Gives a node envelopes that come by no link.
    package func hand(_ node: Int, _ server: Server.ID, _ envelopes: [[UInt8]]) {
        feed(node, .handed(server, envelopes))
    }

    /// What a node told its listeners since the last look.
    package func takeLive(_ node: Int) -> [LiveEvent] {
        defer { live[node] = nil }
        return live[node] ?? []
    }

    /// Ends a node's links as if it had stopped in order.
    package func farewell(_ node: Int) { feed(node, .farewell) }

    // Impostors

    /// Gives a node's place to whoever has its key, and dials another node from there.
    package func replace(_ node: Int, dialling target: Int) throws -> Impostor {
        for link in network.openLinks where network.node(of: link) == node { network.cut(link) }
        let impostor = Impostor(
            members[node].key, expecting: peerID(target),
            entropy: .seeded(seed.stream("impostor", UInt64(node), 0)), now: network.now)
        outsiders[node] = impostor
        guard network.connect(from: node, to: target) != nil else {
            throw NodeFailure(.offline, "the network is parted")
        }
        return impostor
    }

    /// Sends a frame from a place that was taken.
    package func send(_ frame: [UInt8], as node: Int) {
        guard let impostor = outsiders[node] as? Impostor else { return }
        for (link, bytes) in impostor.send(frame, now: network.now) {
            network.send(bytes, on: link)
        }
    }

    // Faults

    package func partition(_ groups: [[Int]]) { network.partition(groups) }
    package func heal() { network.heal() }
    func cut(_ link: LinkID) { network.cut(link) }

    /// Ends a node without a word and starts it again from its database.
    ///
    /// - Parameters:
    ///   - recovery: what of its own events it may have lost.
    ///   - beforeReading: called when its memory is there and no message was read again.
    package func crash(
        _ node: Int, life: UInt64, recovery: Recovery = Recovery(),
        beforeReading: () -> Void = {}
    ) throws {
        for link in network.openLinks where network.node(of: link) == node { network.cut(link) }
        heldCommits[node] = nil
        let member = members[node]
        member.core = makeCore(node, member.key, life: life, recovery: recovery)
        member.core.restore(try NodeStorage.load(member.store, me: member.key.publicKey))
        member.cursors = PageCursors()
        beforeReading()
        boot(node)
    }

    /// Writes every checkpoint of a node as when it stops in order; a crash then starts from them.
    package func writeCheckpoints(_ node: Int) {
        for request in members[node].core.lastCheckpoints() { checkpoint(node, request) }
    }

    /// From which lamport on the next start of a node reads messages again; `nil` = none.
    package func rereads(_ node: Int) throws -> [UInt64?] {
        let member = members[node]
        return try NodeStorage.load(member.store, me: member.key.publicKey).servers
            .map { $0.server.rescanFrom == .max ? nil : $0.server.rescanFrom }
    }

    /// How the next start of a node would make the memory of its servers.
    package func starts(_ node: Int) throws -> [NodeStorage.Start] {
        let member = members[node]
        return try NodeStorage.load(member.store, me: member.key.publicKey).servers.map(\.start)
    }

    // Running

    /// Runs until virtual time has advanced by `duration`.
    package func run(for duration: Milliseconds) {
        let end = network.now + duration
        while let next = network.nextTime, next <= end { guard step() else { return } }
    }

    /// Takes the next occurrence; `false` when nothing is left.
    package func step() -> Bool {
        guard let next = network.next() else { return false }
        if let outsider = outsiders[next.node] {
            for (link, bytes) in outsider.handle(next.event, now: network.now) {
                network.send(bytes, on: link)
            }
            return true
        }
        switch next.event {
        case .opened(let link, let isDialler, let peer):
            let origin: NodeCore.LinkOrigin =
                isDialler
                ? .dialled(address: Self.address(peer))
                : .accepted(from: "10.0.0.\(peer + 1):50000")
            feed(next.node, .linkOpened(link, origin))
        case .bytes(let link, let bytes):
            onArrival?(next.node, bytes.count)
            feed(next.node, .linkBytes(link, bytes))
        case .closed(let link): feed(next.node, .linkClosed(link))
        case .dialFailed(let peer): feed(next.node, .dialFailed(address: Self.address(peer)))
        case .wake: wake(next.node)
        }
        return true
    }

    private func wake(_ node: Int) {
        guard let at = members[node].wakeAt, network.now >= at else { return }
        members[node].wakeAt = nil
        feed(node, .wake)
    }

    /// One input after the other: records are sent in the order in which a core wrote them.
    func feed(_ node: Int, _ input: NodeCore.Input) {
        inputs.append((node, input, isOutside || comesFromOutside(input)))
        guard !isFeeding else { return }
        isFeeding = true
        defer { isFeeding = false }
        while !inputs.isEmpty {
            let (node, input, isCounted) = inputs.removeFirst()
            isOutside = isCounted
            let handle = { [self] in
                perform(node, members[node].core.handle(input, now: moment(node)))
            }
            if isCounted { outsideCost += Cost.counting(handle).cost } else { handle() }
            isOutside = false
        }
    }

    private func comesFromOutside(_ input: NodeCore.Input) -> Bool {
        switch input {
        case .linkOpened(let link, _), .linkBytes(let link, _), .linkClosed(let link):
            network.otherEnd(of: link).flatMap { network.node(of: $0) }
                .map { outsiders[$0] != nil } ?? false
        default: false
        }
    }

    private func perform(_ node: Int, _ effects: [NodeCore.Effect]) {
        for effect in effects { perform(node, effect) }
    }

    private func perform(_ node: Int, _ effect: NodeCore.Effect) {
        switch effect {
        case .write(let link, let bytes):
            onWire?(node, bytes)
            for piece in strike?(link, bytes) ?? [bytes] { network.send(piece, on: link) }
        case .close(let link): network.close(link)
        case .dial(let address): dial(node, address)
        case .verify(let job, let server, let envelopes):
            feed(node, .verified(job, envelopes.map { NodeCore.examine($0, for: server) }))
        case .commit(let job, let batch): commit(node, job, batch)
        case .read(let request): read(node, request)
        case .rescan(let server): rescan(node, server)
        case .reopen(let server, let messages): reopen(node, server, messages)
        case .wake(let at):
            members[node].wakeAt = at
            network.schedule(node, at: at)
        case .reply(let id, let result): replies[id.number] = result
        case .files(let effect): perform(node, effect)
        case .checkpoint(let request): checkpoint(node, request)
        case .refold(let server): refold(node, server)
        case .noticed(let event): notices[node, default: []].append(event)
        case .live(let events): live[node, default: []] += events
        case .changed, .wakeWaiter, .recovered, .fillTexts: break
        case .reload:
            preconditionFailure("the store of node \(node) refused a write")
        }
    }

    private func dial(_ node: Int, _ address: String) {
        let places = Array(members.indices) + outsiders.keys.sorted()
        guard let peer = places.first(where: { Self.address($0) == address }),
            !blocksDial(node, peer)
        else {
            return feed(node, .dialFailed(address: address))
        }
        // A dial that a partition stops is answered by `.dialFailed` later.
        _ = network.connect(from: node, to: peer)
    }

    func commit(_ node: Int, _ job: NodeCore.JobID, _ batch: StoreBatch) {
        if heldCommits[node] != nil {
            heldCommits[node]?.append((job, batch))
            return
        }
        do throws(StoreFailure) {
            try members[node].store.commit([batch])
            if isOutside { outsideWrites += 1 }
            onStored?(node, batch)
            if !diesInCommit.contains(node) { feed(node, .committed(job)) }
        } catch {
            feed(node, .commitFailed(job, error))
        }
    }

    private func checkpoint(_ node: Int, _ request: CheckpointRequest) {
        do {
            let checkpoint = request.snapshot.checkpoint(atMilliseconds: 0)
            let hash = try NodeStorage.write(request, checkpoint, members[node].store)
            feed(node, .checkpointed(request.server, hash))
        } catch {
            preconditionFailure("a checkpoint of node \(node): \(error)")
        }
    }

    private func rescan(_ node: Int, _ server: Server.ID) {
        let from = members[node].core.servers[server]?.rescanFrom ?? 0
        var place: NodeStorage.RescanPlace? = .from(lamport: from)
        do {
            while place != nil {
                let rows = try NodeStorage.rescan(server, &place, members[node].store)
                if !rows.isEmpty { feed(node, .rescanned(server, rows)) }
            }
            feed(node, .rescanned(server, []))
        } catch {
            preconditionFailure("rescan for node \(node): \(error)")
        }
    }

    private func reopen(_ node: Int, _ server: Server.ID, _ messages: [MessageSource]) {
        do {
            let found = try NodeStorage.reopened(messages, in: server, members[node].store)
            feed(node, .reopened(server, found))
        } catch {
            preconditionFailure("reopening for node \(node): \(error)")
        }
    }

    private func read(_ node: Int, _ request: SyncCore.ReadRequest) {
        let member = members[node]
        let ranges = member.cursors.ranges(for: request)
        do {
            let (page, remaining) = try NodeStorage.page(request, from: ranges, member.store)
            if let last = page.envelopes.last, !page.isLast {
                let event = try Event(decoding: Envelope(decoding: last))
                member.cursors.keep(remaining, of: request, after: event.orderKey)
            }
            feed(node, .loaded(request.id, page))
        } catch {
            preconditionFailure("read for node \(node): \(error)")
        }
    }
}
