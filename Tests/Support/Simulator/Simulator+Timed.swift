import PeerNet
import PeerNode
import PeerState

/// Steps, faults and everything that a node's surroundings finish later.
extension Simulator {
    func perform(_ timed: Timed) {
        switch timed {
        case .step(let step): perform(step)
        case .faultBegins(let fault): begin(fault)
        case .faultEnds(let fault): end(fault)
        case .stored(let index, let life, let generation):
            guard let node = honest(index), node.life == life, node.generation == generation
            else { return }
            store(node)
        case .verified(let index, let life, let job, let server, let envelopes):
            guard let node = alive(index, life) else { return }
            tally.checks += UInt64(envelopes.count)
            feed(node, .verified(job, envelopes.map { checks.examine($0, for: server) }))
        case .loaded(let index, let life, let request):
            guard let node = alive(index, life) else { return }
            load(node, request)
        case .rescan(let index, let life, let server):
            guard let node = alive(index, life) else { return }
            rescan(node, server)
        case .reopen(let index, let life, let server, let messages):
            guard let node = alive(index, life) else { return }
            reopen(node, server, messages)
        case .dialFailed(let index, let life, let address):
            guard let node = alive(index, life) else { return }
            feed(node, .dialFailed(address: address))
        case .restart(let index):
            guard let node = honest(index), !node.isUp else { return }
            note(index, "starts again", code: 8)
            start(node)
        case .ownerRestarts(let index, let life):
            guard let node = honest(index), node.life == life else { return }
            ownerRestarts(node)
        case .rebuild(let index, let life):
            guard let node = honest(index), !node.isUp, node.life == life else { return }
            rebuild(node)
        case .join(let index, let code): join(index, code)
        case .tick(let index): tick(index)
        }
    }

    private func alive(_ index: Int, _ memory: UInt64) -> SimNode? {
        guard let node = honest(index), node.isUp, node.memory == memory else { return nil }
        return node
    }

    private func join(_ index: Int, _ code: String) {
        if let hostile = hostiles[index] { return join(hostile, code) }
        guard let node = honest(index), node.isUp else {
            return schedule(.join(node: index, code: code), after: 2_000)
        }
        act(node, .acceptInvite(code: code), Asked(kind: .invite))
    }

    // Faults

    private func begin(_ fault: Plan.Fault) {
        note(fault.node, "fault \(fault.id) \(fault.kind.rawValue)", code: 9)
        guard let node = honest(fault.node) else { return }
        if fault.kind.needsProcess, !node.isUp {
            guard now < Instant.zero + Milliseconds(plan.end) else { return }
            return schedule(.faultBegins(fault), after: 1_000)
        }
        switch fault.kind {
        case .delay, .oneByte, .cap, .cut, .swizzle, .partition, .oneWay, .overlap, .halfOpen,
            .duplicate, .reorder, .corrupt, .simultaneousDial:
            beginNetwork(fault)
        case .skew, .jump, .drift, .timersLate: beginClock(fault)
        case .crash, .crashInEffect, .restore, .clone, .commitFails, .diskFull, .slowStore,
            .squeeze, .entropyRepeats:
            beginProcess(fault)
        case .ioFails, .powerLoss, .tornWrites: strikeDisk(fault)
        }
        schedule(.faultEnds(fault), after: fault.duration)
    }

    private func beginNetwork(_ fault: Plan.Fault) {
        let index = fault.node
        let other = Int(fault.a % UInt64(plan.nodeCount))
        let friend = (index + 1 + Int(fault.a) % max(1, plan.honest - 1)) % plan.honest
        switch fault.kind {
        case .duplicate, .reorder, .corrupt:
            mangling[index] = fault.kind
            unstruck.insert(index)
            return  // Counted when it strikes.
        case .delay:
            network.conditions = MemoryConditions(
                medianDelay: Milliseconds(1 + fault.a % 200), slowOneIn: 2 + fault.b % 40)
        case .oneByte: network.limitReads(of: index, to: fault.a % 2 == 0 ? 1 : 7)
        case .cap: network.limitRate(of: index, to: 1_024 + fault.a % 65_536)
        case .cut: cutOne(of: index, fault.a)
        case .swizzle, .halfOpen: network.stall(index, true)
        case .oneWay: network.block(from: index, to: other)
        case .partition, .overlap: blockWays(fault, true)
        case .simultaneousDial:
            guard friend != index else { return }
            cutLinks(of: index)
            for (from, to) in [(index, friend), (friend, index)] {
                guard let node = honest(from) else { continue }
                act(node, .addPeer(address: Self.address(to), identity: nil), Asked(kind: .addPeer))
            }
        default: return
        }
        coverage.note(fault.kind)
    }

    private func cutOne(of index: Int, _ draw: UInt64) {
        let links = network.openLinks.filter { network.node(of: $0) == index }
        guard !links.isEmpty else { return }
        network.cut(links[Int(draw % UInt64(links.count))])
    }

    /// A partition blocks both ways between two groups; one that overlaps leaves a node in both.
    private func blockWays(_ fault: Plan.Fault, _ isBlocked: Bool) {
        for first in 0..<plan.nodeCount {
            for second in 0..<plan.nodeCount where first != second {
                let apart = (fault.a >> UInt64(first % 64) & 1) != (fault.a >> UInt64(second) & 1)
                let isBridge = first == fault.node || second == fault.node
                guard apart, fault.kind == .partition || !isBridge else { continue }
                if isBlocked {
                    network.block(from: first, to: second)
                } else {
                    network.unblock(from: first, to: second)
                }
            }
        }
    }

    private func beginClock(_ fault: Plan.Fault) {
        coverage.note(fault.kind)
        let year: Int64 = 31_557_600_000
        let sign: Int64 = fault.b % 2 == 0 ? 1 : -1
        switch fault.kind {
        case .skew: clock.skew[fault.node] = sign * Int64(fault.a % 10 + 1) * year
        case .jump: clock.skew[fault.node] = sign * Int64(fault.a % 86_400_000)
        case .drift: clock.drift[fault.node] = sign * Int64(fault.a % 1_000)
        default: honest(fault.node)?.wakeDelay = 1_000 + fault.a % 29_000
        }
    }

    private func beginProcess(_ fault: Plan.Fault) {
        guard let node = honest(fault.node) else { return }
        switch fault.kind {
        case .commitFails: node.failingCommits = 1 + Int(fault.a % 3)
        case .diskFull: node.isDiskFull = true
        case .slowStore:
            coverage.note(.slowStore)
            node.storeDelay = fault.a % 2_000
        case .crashInEffect:
            guard node.isUp else { return }
            coverage.note(.crashInEffect)
            node.effectsToCrash = Int(fault.a % 24)
        case .crash:
            guard node.isUp else { return }
            coverage.note(.crash)
            crash(node, after: fault.duration)
        case .entropyRepeats:
            coverage.note(.entropyRepeats)
            node.source?.stutter(1 + Int(fault.a % 40))
        case .squeeze:
            guard node.isUp else { return }
            coverage.note(.squeeze)
            node.isSqueezed = true
            crash(node, after: 500)
        case .restore:
            guard node.isUp, node.journal.count > 2 else { return }
            coverage.note(.restore)
            crash(node, after: fault.duration)
            let half = node.journal.count / 2
            restore(node, to: half + Int(fault.a % UInt64(node.journal.count - half)))
        default:
            guard node.isUp else { return }
            coverage.note(.clone)
            clone(node, index: SimNode.firstCopy + fault.id)
        }
    }

    private func end(_ fault: Plan.Fault) {
        guard let node = honest(fault.node) else { return }
        switch fault.kind {
        case .delay: network.conditions = MemoryConditions()
        case .oneByte: network.limitReads(of: fault.node, to: nil)
        case .cap: network.limitRate(of: fault.node, to: nil)
        case .swizzle, .halfOpen:
            network.stall(fault.node, false)
            // The one lets them live on, of the other nothing is left.
            if fault.kind == .swizzle { cutLinks(of: fault.node) }
        case .oneWay:
            network.unblock(from: fault.node, to: Int(fault.a % UInt64(plan.nodeCount)))
        case .partition, .overlap: blockWays(fault, false)
        case .duplicate, .reorder, .corrupt:
            // Another may have begun there meanwhile.
            if mangling[fault.node] == fault.kind { stopMangling(fault.node) }
        case .skew, .jump: clock.skew[fault.node] = nil
        case .drift: clock.drift[fault.node] = nil
        case .timersLate: node.wakeDelay = 0
        case .diskFull: node.isDiskFull = false
        case .slowStore: node.storeDelay = 0
        case .cut, .simultaneousDial, .crash, .crashInEffect, .restore, .clone, .commitFails,
            .squeeze, .entropyRepeats, .ioFails, .powerLoss, .tornWrites:
            break
        }
    }

    func stopMangling(_ node: Int) {
        mangling[node] = nil
        for link in heldRecord.keys.sorted() where linkNodes[link] == node {
            if let bytes = heldRecord.removeValue(forKey: link) { network.send(bytes, on: link) }
        }
    }
}
