import PeerNet
import PeerNode
import PeerState

/// Disks that fail below SQLite, and what a process does about it (HOSTILE 1.7).
extension Simulator {
    /// Stores of other nodes are in memory, which is quicker.
    func hasDisk(_ index: Int) -> Bool {
        plan.faults.contains { $0.kind.strikesDisk && $0.node == index }
    }

    /// - Parameter disk: `nil` = a store in memory.
    func open(
        _ disk: FaultyDisk?, _ entropy: inout Entropy
    ) throws(StoreFailure) -> StoreCore {
        guard let disk else { return try StoreCore(entropy: &entropy) }
        return try disk.store(&entropy)
    }

    /// The seed of a disk that is made now.
    func diskSeed(_ index: Int) -> UInt64 {
        var random = stream("disk", index)
        return random.next()
    }

    /// Chooses what fails next, and how.
    func strikeDisk(_ fault: Plan.Fault) {
        guard let node = honest(fault.node), let disk = node.disk, node.isUp else { return }
        switch fault.kind {
        case .powerLoss:
            coverage.note(.powerLoss)
            crash(node, after: fault.duration, fault.a % 3 == 0 ? .dropped : .mixed)
        case .tornWrites: disk.cutPower(after: 1 + fault.a % 40)
        default:
            let troubles: [(FaultyDisk.Calls, FaultyDisk.Trouble)] = [
                (.write, .inputOutput), (.write, .halfway), (.write, .full), (.sync, .inputOutput),
                (.write.union([.sync, .truncate]), .inputOutput),
            ]
            let (calls, trouble) = troubles[Int(fault.b % UInt64(troubles.count))]
            disk.fail(calls, at: 1 + fault.a % (calls == .sync ? 3 : 24), trouble)
        }
    }

    /// A checkpoint that is not what was written, found by the process that comes next.
    func spoil(_ node: SimNode, _ request: CheckpointRequest) {
        node.spoilsCheckpoint = false
        let parts = request.snapshot.parts.map(\.number)
        let checkpoint = request.snapshot.checkpoint(
            atMilliseconds: moment(node.index).wallMilliseconds)
        do {
            _ = try node.store.writeCheckpoint(
                checkpoint, parts: parts, changed: Set(parts), place: request.place
            ) { _ in [0xff] }
        } catch {
            node.spoilsCheckpoint = true  // Commits that wait came first.
            if lostPower(node) { return }
            noteStruck(node)
            return feed(node, .checkpointed(request.server, nil))
        }
        crash(node, after: 500)
    }

    /// Counts a call that failed since this was looked at last.
    func noteStruck(_ node: SimNode) {
        guard let disk = node.disk, disk.struck > 0 else { return }
        note(node.index, "a call to its disk failed", code: 20)
        coverage.note(.ioFails)
        disk.fail(.all, at: 0, .inputOutput)
    }

    /// What becomes of a batch that the store did not take.
    func diskFailed(
        _ node: SimNode, _ job: NodeCore.JobID, _ batch: StoreBatch, _ failure: StoreFailure
    ) {
        guard node.disk != nil else {
            violate("I-11", "node \(node.index): the store refused a batch: \(failure)")
            return
        }
        if lostPower(node, during: batch) { return }
        let isStruck = (node.disk?.struck ?? 0) > 0
        noteStruck(node)
        if failure.code == .storeFailed {
            // The first failure leaves a doubt; from then on nothing is tried.
            if isStruck { node.unsure = batch }
            askForRestart(node)
        } else if !isStruck {
            violate("I-11", "node \(node.index): the store refused a batch: \(failure)")
        }
        refuse(node, job, failure.code)
    }

    /// After a sync error a node writes nothing until its owner restarts it.
    private func askForRestart(_ node: SimNode) {
        guard !node.awaitsRestart else { return }
        node.awaitsRestart = true
        schedule(.ownerRestarts(node: node.index, life: node.life), after: 3_000)
    }

    func ownerRestarts(_ node: SimNode) {
        node.awaitsRestart = false
        crash(node, after: 500)
    }

    /// Whether the power went during what a node just did; the process is gone then.
    func lostPower(_ node: SimNode, during batch: StoreBatch? = nil) -> Bool {
        guard let disk = node.disk, !disk.isUp else { return false }
        coverage.note(.tornWrites)
        if let batch { node.unsure = batch }
        crash(node, after: 2_000, .mixed)
        return true
    }

    func cannotRead(_ node: SimNode, _ error: any Error) {
        if lostPower(node) { return }
        violate("I-11", "node \(node.index) cannot read its store: \(error)")
    }

    /// Opens the store anew, as the next process will find it.
    func reopenDisk(_ node: SimNode, _ fate: FaultyDisk.Fate) {
        guard let disk = node.disk else { return }
        node.awaitsRestart = false
        var random = stream("disk.fate", node.index)
        disk.stop()
        do { try node.store.close() } catch {}  // Whatever it says: its disk is gone.
        disk.start(fate, seed: random.next())
        var entropy = Entropy.seeded(random)
        do {
            node.store = try disk.store(&entropy)
            try resolveUnsure(node)
        } catch {
            violate("I-11", "node \(node.index) cannot open its store: \(error)")
        }
    }

    /// Finds out whether the last batch before the end of a process is durable.
    private func resolveUnsure(_ node: SimNode) throws {
        guard let batch = node.unsure else { return }
        node.unsure = nil
        guard try isStored(batch, node.store) else { return }
        note(node.index, "finds a batch that was not acknowledged", code: 21)
        node.journal.append(batch)
        tally.stores += 1
        noteStored(node, batch)
    }

    private func isStored(_ batch: StoreBatch, _ store: StoreCore) throws -> Bool {
        if let event = batch.events.last {
            return try store.envelope(server: event.server, id: event.id) != nil
        }
        if let row = batch.feed.last { return try store.lastFeedPosition() >= row.position }
        return try batch.settings.contains { setting in
            guard let value = setting.value else { return false }
            return try store.setting(setting.name) == value
        }
    }

    /// Writes texts that the end of the last process kept from being written, as a start does.
    func fillUnwritten(_ node: SimNode, _ core: NodeCore) throws {
        guard node.disk != nil, try node.store.hasUnwrittenTexts() else { return }
        let servers = core.servers
        try node.store.refill { row in servers[row.server]?.textChanges(of: row) ?? [] }
    }
}
