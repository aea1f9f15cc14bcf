import PeerNet
import PeerNode
import PeerState

/// Starts, ends and damages whole processes.
extension Simulator {
    /// Starts the process of a node from what its data directory holds, as `Node.start` does.
    func start(_ node: SimNode) {
        node.life += 1
        do {
            let stored = try NodeStorage.load(node.store, me: node.key.publicKey)
            let verdict = sabotage == .ignoreHighWater ? .fine : node.verdict()
            var entropy = self.entropy(
                of: node, seed.stream("life", UInt64(node.index), node.life))
            let fresh = entropy.bytes(16)
            let isFine = verdict == .fine
            if !isFine { reach(.recoveryEntered) }
            node.incarnation = isFine ? stored.setting("incarnation") ?? fresh : fresh
            var configuration = NodeConfiguration(
                key: node.key, displayName: "node \(node.index)")
            configuration.checkpointEvery = Self.checkpointEvery
            if isLogging { configuration.log = log(of: node) }
            if node.isSqueezed { Self.squeeze(&configuration) }
            let checks = checks
            configuration.examine = { checks.examine($0, for: $1) }
            // Presence of everybody all the time would be most of the work; some runs have it.
            configuration.presence = seed.value % 8 == 0 ? .auto : .invisible
            var core = NodeCore(
                configuration: configuration,
                incarnation: node.incarnation, entropy: entropy, now: moment(node.index),
                recovery: Self.recovery(verdict, now))
            core.restore(stored)
            if core.refusedCheckpoints > 0 { reach(.checkpointRefused) }
            if stored.setting("incarnation") != node.incarnation { core.keepIncarnation() }
            try fillUnwritten(node, core)
            build(node, stored, core)
        } catch {
            cannotRead(node, error)
        }
    }

    /// What a node says of itself, beside the trace: it changes no hash.
    private func log(of node: SimNode) -> Log {
        let (index, time) = (node.index, logTime)
        return Log(level: .debug) { line in
            Log.standardError("\(time.withLock { $0 }) ms  node \(index)  \(line)")
        }
    }

    private func entropy(of node: SimNode, _ random: SeededRandom) -> Entropy {
        guard plan.faults.contains(where: { $0.kind == .entropyRepeats }) else {
            return .seeded(random)
        }
        let source = StutteringEntropy(random)
        node.source = source
        return .drawn(source)
    }

    /// Limits by argument: what is forgotten for want of room has to come back.
    private static func squeeze(_ configuration: inout NodeConfiguration) {
        configuration.checkpointEvery = 1
        configuration.waitingForKey = 1
        configuration.pendingMax = SimNode.squeezedPending
        configuration.gatheredBytes = 0
        configuration.proposalLife = SimNode.squeezedLife
    }

    private func build(_ node: SimNode, _ stored: StoredNode, _ core: NodeCore) {
        node.generation += 1
        node.waiting = []
        node.wakeAt = nil
        node.cursors = PageCursors()
        node.core = core
        node.stopped = nil
        node.stored = Set(storedEvents(node).map(\.id))
        node.lastFeed = stored.lastFeed
        checkKept(node)
        feed(node, .listening([node.address], port: 4646))
        guard let effects = node.core?.start(now: moment(node.index)) else { return }
        perform(node, effects)
    }

    /// Few enough that most lives begin with one.
    private static let checkpointEvery = 16

    func storedEvents(_ node: SimNode) -> [StoredEvent] {
        var events: [StoredEvent] = []
        do {
            for server in try node.store.loadServers() {
                try node.store.forEachEvent(of: server) { events.append($0) }
            }
        } catch {
            cannotRead(node, error)
        }
        return events
    }

    private static func recovery(_ verdict: HighWaterVerdict, _ now: Instant) -> Recovery {
        switch verdict {
        case .fine: Recovery()
        case .behind(let gaps): Recovery(since: now, affected: Set(gaps.keys))
        case .moved, .missing: Recovery(since: now, affected: nil)
        }
    }

    /// Ends a process without a word; what was submitted and not yet durable is gone.
    ///
    /// - Parameter fate: what becomes of writes that no sync followed.
    func crash(
        _ node: SimNode, after restartMilliseconds: UInt64, _ fate: FaultyDisk.Fate = .kept
    ) {
        guard node.isUp || node.stopped != nil else { return }
        note(node.index, "crashes", code: 6)
        tally.crashes += 1
        if !node.waiting.isEmpty { reach(.crashInCommit) }
        reachPoints(of: node)
        node.core = nil
        node.stopped = nil
        node.effectsToCrash = nil
        reopenDisk(node, fate)
        node.life += 1
        cutLinks(of: node.index)
        schedule(.restart(node: node.index), after: restartMilliseconds)
    }

    func cutLinks(of node: Int) {
        for link in network.openLinks where network.node(of: link) == node { network.cut(link) }
    }

    /// As `Node.reload`: closes every link and builds memory again from what is durable.
    ///
    /// The time it takes is that of reading a small store.
    func reload(_ node: SimNode) {
        note(node.index, "reads its store again", code: 7)
        for link in network.openLinks where network.node(of: link) == node.index {
            network.close(link)
        }
        node.stopped = node.core
        node.core = nil
        node.waiting = []
        schedule(.rebuild(node: node.index, life: node.life), after: Self.reloadPause)
    }

    private static let reloadPause: UInt64 = 20

    func rebuild(_ node: SimNode) {
        do {
            let stored = try NodeStorage.load(node.store, me: node.key.publicKey)
            let entropy = self.entropy(
                of: node, seed.stream("reload", UInt64(node.index), node.generation))
            guard let stopped = node.stopped else { return }
            let core = stopped.rebuilt(
                from: stored, entropy: entropy, now: moment(node.index))
            build(node, stored, core)
        } catch {
            cannotRead(node, error)
        }
    }

    /// Puts the data directory of an earlier moment in place of this one; the process is down.
    func restore(_ node: SimNode, to count: Int) {
        let kept = Array(node.journal.prefix(count))
        for batch in node.journal.dropFirst(count) {
            for event in batch.events {
                // Who had it may have been put back before.
                if !nodes.contains(where: { $0 !== node && $0.stored.contains(event.id) }) {
                    ledger.lost.insert(event.id)
                }
                if event.author == node.peer, !isKnownToAll(event, but: node) {
                    ledger.hidden.insert(event.id)
                }
            }
        }
        do {
            let isOnDisk = node.disk != nil
            node.disk = isOnDisk ? FaultyDisk(seed: diskSeed(node.index)) : nil
            node.store = try database(kept, purpose: "restore", node.index, node.disk)
            node.journal = kept
            node.unsure = nil
        } catch {
            violate("I-11", "node \(node.index) cannot be restored: \(error)")
        }
    }

    /// Whether any two members would tell an author of its own event: one of them is honest and
    /// has it.
    private func isKnownToAll(_ event: StoredEvent, but author: SimNode) -> Bool {
        let others = nodes.filter { other in
            other.peer != author.peer
                && (other.core == nil || other.core?.servers[event.server]?.isMember == true)
        }
        return plan.actors.count < 2 && others.count > 1
            && others.allSatisfy { $0.stored.contains(event.id) }
    }

    /// A second machine with a copy of a node's data directory: one key, two processes.
    func clone(_ original: SimNode, index: Int) {
        do {
            let store = try database(original.journal, purpose: "clone", index)
            let node = SimNode(index: index, key: original.key, store: store)
            node.journal = original.journal
            node.highWater = original.highWater
            node.wasMoved = true
            node.acks = original.acks
            ledger.forking.insert(original.peer)
            nodes.append(node)
            start(node)
        } catch {
            violate("I-11", "node \(original.index) cannot be copied: \(error)")
        }
    }

    /// Turns second machines off for good: a key with one machine has to agree with everybody.
    func retireCopies() {
        for node in nodes where node.isCopy {
            cutLinks(of: node.index)
            node.core = nil
            node.life += 1
        }
        nodes.removeAll(where: \.isCopy)
    }

    private func database(
        _ journal: [StoreBatch], purpose: String, _ index: Int, _ disk: FaultyDisk? = nil
    ) throws(StoreFailure) -> StoreCore {
        var entropy = Entropy.seeded(stream(purpose, index))
        let store = try open(disk, &entropy)
        if !journal.isEmpty { try store.commit(journal) }
        return store
    }
}

extension SimNode {
    /// Changes whenever memory is built anew, in a new life or the same.
    var memory: UInt64 { generation }

    /// Whether it is a second machine with the data of another.
    var isCopy: Bool { index >= Self.firstCopy }

    /// Second machines are numbered from here on, by the fault that made them.
    static let firstCopy = 100

    /// How many events may wait where limits are as small as they get.
    static let squeezedPending = 8
    /// How long proposals are open there, in lamport.
    static let squeezedLife: UInt64 = 20
}
