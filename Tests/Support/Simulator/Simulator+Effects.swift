import PeerNet
import PeerNode
import PeerState

/// Carries out what the cores of honest nodes ask for.
extension Simulator {
    func moment(_ node: Int) -> Moment { clock.moment(of: node, at: now) }

    func feed(_ node: SimNode, _ input: NodeCore.Input) {
        guard let effects = node.core?.handle(input, now: moment(node.index)) else { return }
        perform(node, effects)
    }

    /// A crash may fall between any two effects.
    func perform(_ node: SimNode, _ effects: [NodeCore.Effect]) {
        let (life, generation) = (node.life, node.generation)
        for effect in effects {
            guard node.isUp, node.life == life, node.generation == generation else { return }
            if let left = node.effectsToCrash {
                node.effectsToCrash = left > 0 ? left - 1 : nil
                if left == 0 {
                    crash(node, after: 2_000)
                    return
                }
            }
            perform(node, effect)
        }
    }

    /// Commits that wait come first, so that some checkpoints find events missing and are let be.
    private func write(_ node: SimNode, _ request: CheckpointRequest) {
        if node.spoilsCheckpoint { return spoil(node, request) }
        do {
            let checkpoint = request.snapshot.checkpoint(
                atMilliseconds: moment(node.index).wallMilliseconds)
            let hash = try NodeStorage.write(request, checkpoint, node.store)
            feed(node, .checkpointed(request.server, hash))
        } catch {
            if lostPower(node) { return }
            noteStruck(node)
            feed(node, .checkpointed(request.server, nil))
        }
    }

    private func perform(_ node: SimNode, _ effect: NodeCore.Effect) {
        switch effect {
        case .write(let link, let bytes): write(node, link, bytes)
        case .close(let link): network.close(link)
        case .dial(let address): dial(node, address)
        case .verify(let job, let server, let envelopes):
            var random = stream("verify", node.index)
            schedule(
                .verified(node: node.index, life: node.memory, job, server, envelopes),
                afterNanoseconds: 100_000 + random.next() % 5_000_000)
        case .commit(let job, let batch): submit(node, job, batch)
        case .read(let request):
            var random = stream("read", node.index)
            schedule(
                .loaded(node: node.index, life: node.memory, request),
                afterNanoseconds: 100_000 + random.next() % 5_000_000)
        case .rescan(let server):
            reach(.lateKey)
            schedule(.rescan(node: node.index, life: node.memory, server), after: 1)
        case .reopen(let server, let messages):
            reach(.textReopened)
            schedule(.reopen(node: node.index, life: node.memory, server, messages), after: 1)
        case .wake(let at):
            if sabotage == .dropTimers, tally.stores > 200 { return }
            let late = at + Milliseconds(node.wakeDelay)
            node.wakeAt = late
            network.schedule(node.index, at: late)
        case .reply(let id, let result): answer(node, id, result)
        case .changed: checkBounds(node)
        case .wakeWaiter, .noticed, .live: break
        case .reload:
            reach(.memoryReread)
            reload(node)
        case .checkpoint(let request): write(node, request)
        case .refold(let server):
            reach(.refolded)
            refold(node, server)
        case .recovered:
            reach(.recoveryLeft)
            node.settleHighWater()
        case .files(.forget(let server)): feed(node, .files(.forgotten(server)))
        case .files: break  // Its actors hand over no files.
        case .fillTexts: break  // Its disks keep all texts.
        }
    }

    // Network

    private func write(_ node: SimNode, _ link: LinkID, _ bytes: [UInt8]) {
        tally.records += 1
        note(node.index, "writes \(bytes.count) on link \(link.number)", code: 1, bytes)
        checkSecrecy(node, bytes)
        if sabotage == .leakText, tally.records % 5_000 == 0 {
            checkSecrecy(node, bytes + Array(Self.marker.utf8))
        }
        send(bytes, on: link, from: node.index)
        // `Node` closes a reader that does not read; its own queue is bounded so.
        guard network.heldBytes(on: link) > Limits.linkOutboxBytes else { return }
        note(node.index, "closes link \(link.number): not read", code: 2)
        network.cut(link)
    }

    /// Sends a record, or what a fault on its way makes of it.
    func send(_ bytes: [UInt8], on link: LinkID, from node: Int) {
        guard let fault = mangling[node], bytes.count > 0 else {
            return network.send(bytes, on: link)
        }
        var random = stream("mangle", node)
        if let held = heldRecord.removeValue(forKey: link) {
            network.send(bytes + held, on: link)
            coverage.note(.reorder)
            return
        }
        // The first record is always struck, so that a short fault is one.
        let isFirst = unstruck.remove(node) != nil
        guard random.next() % 16 == 0 || isFirst else { return network.send(bytes, on: link) }
        switch fault {
        case .duplicate:
            coverage.note(.duplicate)
            network.send(bytes + bytes, on: link)
        case .reorder: heldRecord[link] = bytes
        default:
            var bad = bytes
            bad[Int(random.next() % UInt64(bad.count))] ^= UInt8(1 << (random.next() % 8))
            coverage.note(.corrupt)
            network.send(bad, on: link)
        }
    }

    private func dial(_ node: SimNode, _ address: String) {
        guard let peer = Self.node(at: address), isReachable(peer) else {
            return schedule(
                .dialFailed(node: node.index, life: node.memory, address), after: 3)
        }
        if let (own, other) = network.connect(from: node.index, to: peer) {
            linkNodes[own] = node.index
            linkNodes[other] = peer
        }
    }

    func isReachable(_ node: Int) -> Bool {
        nodes.first { $0.index == node }?.isUp ?? (hostiles[node] != nil)
    }

    func honest(_ index: Int) -> SimNode? { nodes.first { $0.index == index } }

    func arrive(_ next: MemoryNetwork.Occurrence) {
        if let hostile = hostiles[next.node] { return arrive(next, at: hostile) }
        guard let node = honest(next.node), node.isUp else {
            if case .opened(let link, _, _) = next.event { network.cut(link) }
            return
        }
        switch next.event {
        case .opened(let link, let isDialler, let peer):
            note(node.index, "link \(link.number) with node \(peer) opens", code: 3)
            linkNodes[link] = node.index
            let origin: NodeCore.LinkOrigin =
                isDialler
                ? .dialled(address: Self.address(peer))
                : .accepted(from: "10.0.0.\(peer + 1):50000")
            feed(node, .linkOpened(link, origin))
        case .bytes(let link, let bytes): feed(node, .linkBytes(link, bytes))
        case .closed(let link):
            note(node.index, "link \(link.number) closes", code: 4)
            feed(node, .linkClosed(link))
        case .dialFailed(let peer): feed(node, .dialFailed(address: Self.address(peer)))
        case .wake:
            guard let at = node.wakeAt, now >= at else { return }
            node.wakeAt = nil
            feed(node, .wake)
        }
    }

    // Store

    private func submit(_ node: SimNode, _ job: NodeCore.JobID, _ batch: StoreBatch) {
        if sabotage == .acknowledgeEarly { feed(node, .committed(job)) }
        node.waiting.append((job, batch, true))
        var random = stream("store", node.index)
        let delay = 200_000 + random.next() % 8_000_000 + node.storeDelay &* 1_000_000
        schedule(
            .stored(node: node.index, life: node.life, generation: node.generation),
            afterNanoseconds: delay)
    }

    func store(_ node: SimNode) {
        guard !node.waiting.isEmpty else { return }
        let (job, batch, _) = node.waiting.removeFirst()
        if node.failingCommits > 0 || node.isDiskFull {
            coverage.note(node.isDiskFull ? .diskFull : .commitFails)
            node.failingCommits -= node.failingCommits > 0 ? 1 : 0
            node.wasFull = node.wasFull || node.isDiskFull
            if sabotage == .hideFailure { return feed(node, .committed(job)) }
            return refuse(node, job, node.isDiskFull ? .diskFull : .ioError)
        }
        if sabotage == .loseBatch, tally.stores % 40 == 39 {
            tally.stores += 1
            return feed(node, .committed(job))
        }
        do throws(StoreFailure) {
            try node.store.commit([batch])
        } catch {
            return diskFailed(node, job, batch, error)
        }
        noteStruck(node)
        if node.wasFull, !node.isDiskFull {
            node.wasFull = false
            reach(.diskFreed)
        }
        node.journal.append(batch)
        tally.stores += 1
        noteStored(node, batch)
        if sabotage == .storeTwice, tally.stores == 500 { noteStored(node, batch) }
        if sabotage != .acknowledgeEarly { feed(node, .committed(job)) }
    }

    func refuse(_ node: SimNode, _ job: NodeCore.JobID, _ code: StoreCode) {
        note(node.index, "the store refuses a batch", code: 5)
        node.waiting.removeAll()
        feed(node, .commitFailed(job, StoreFailure(code, "by the plan")))
    }

    func load(_ node: SimNode, _ request: SyncCore.ReadRequest) {
        let ranges = node.cursors.ranges(for: request)
        do {
            var (page, remaining) = try NodeStorage.page(request, from: ranges, node.store)
            if sabotage == .cutPages, !page.envelopes.isEmpty { page.envelopes.removeFirst() }
            if let last = page.envelopes.last, !page.isLast {
                let event = try Event(decoding: Envelope(decoding: last))
                node.cursors.keep(remaining, of: request, after: event.orderKey)
            }
            feed(node, .loaded(request.id, page))
        } catch {
            cannotRead(node, error)
        }
    }

    func rescan(_ node: SimNode, _ server: Server.ID) {
        let from = node.core?.servers[server]?.rescanFrom ?? 0
        var place: NodeStorage.RescanPlace? = .from(lamport: from)
        do {
            while node.isUp, place != nil {
                let rows = try NodeStorage.rescan(server, &place, node.store)
                if !rows.isEmpty { feed(node, .rescanned(server, rows)) }
            }
            if node.isUp { feed(node, .rescanned(server, [])) }
        } catch {
            cannotRead(node, error)
        }
    }

    func reopen(_ node: SimNode, _ server: Server.ID, _ messages: [MessageSource]) {
        do {
            let found = try NodeStorage.reopened(messages, in: server, node.store)
            feed(node, .reopened(server, found))
        } catch {
            cannotRead(node, error)
        }
    }

    /// What a node shows of a channel, in display order.
    func shown(
        _ node: SimNode, _ server: Server.ID, _ channel: Channel.ID, withSealed: Bool = false
    ) -> [StoredMessage] {
        do {
            return try node.store.messages(
                of: channel, in: server, .oldest, withSealed: withSealed, limit: 1_000_000
            ).messages
        } catch {
            cannotRead(node, error)
            return []
        }
    }
}
