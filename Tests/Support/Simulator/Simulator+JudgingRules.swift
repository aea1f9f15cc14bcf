import PeerNet
import PeerNode
import PeerState

/// Removals, keys and the whole state, judged by other means than the product's own.
extension Simulator {
    /// I-5: nobody voids the owner's removals, and none that is accepted is void.
    func judgeRemovals(_ server: Server.ID, _ node: SimNode, _ state: ServerState) {
        let accepted = state.acceptedRemovals
        for removal in accepted.sorted() {
            if let failure = state.verdict(on: removal) {
                violate("I-5", "accepted removal \(removal.short) is void: \(failure)")
            }
        }
        guard let owner = ledger.founders[server], !ledger.forking.contains(owner) else { return }
        for lowering in ledger.lowerings
        where lowering.server == server && lowering.author == owner
            && !ledger.lost.contains(lowering.event) && !accepted.contains(lowering.event)
        {
            violate("I-5", "the owner's removal \(lowering.event.short) is not accepted")
        }
        judgeWithout(server, node, state)
    }

    /// I-7: what a removal voids, and all that hangs on it, changes nothing but the list of what
    /// is void.
    private func judgeWithout(_ server: Server.ID, _ node: SimNode, _ state: ServerState) {
        let fallen: Set<RuleCode> = [.voidedByRemoval, .voidedProof, .removed, .suspended]
        let loose = Set(state.looseIDs)
        let ordered = state.graph.eventIDs.compactMap { event($0) }
            .filter { !loose.contains($0.id) }.sorted { $0.orderKey < $1.orderKey }
        var needed: Set<Event.ID> = []
        var dropped: Set<Event.ID> = []
        for event in ordered.reversed() {
            let code = state.verdict(on: event.id)?.code
            if !needed.contains(event.id), code.map({ fallen.contains($0) }) == true {
                dropped.insert(event.id)
            } else {
                needed.formUnion(event.edges)
                if let prev = event.prev { needed.insert(prev) }
                if let proof = event.proof { needed.insert(proof) }
            }
        }
        guard !dropped.isEmpty, state.forks.isEmpty else { return }
        tally.voided += UInt64(dropped.count)
        var replica = Replica(id: server)
        for event in ordered where !dropped.contains(event.id) {
            guard let (_, bytes) = envelopes[event.id] else { continue }
            do {
                let envelope = try Envelope(decoding: bytes)
                _ = replica.insert(
                    event, envelope, source: nil, wallMilliseconds: .max)
            } catch {
                violate("I-10", "a stored event does not read: \(error)")
            }
        }
        let (with, without) = (StateHash.sections(of: state), StateHash.sections(of: replica.state))
        for (number, pair) in zip(with, without).dropLast().enumerated() where pair.0 != pair.1 {
            violate("I-7", "without \(dropped.count) void events section \(number + 1) differs")
        }
    }

    /// I-8: a removed reader's keys open nothing that was written in knowledge of the removal; what
    /// the dishonest seal, and with which key, is their own affair. A removal that was void for the
    /// author may have come to hold later.
    func judgeKeys(_ server: Server.ID, _ node: SimNode, _ state: ServerState) {
        let gone = ledger.lowerings.filter { lowering in
            lowering.server == server && state.acceptedRemovals.contains(lowering.event)
                && state.standing(of: lowering.target) == nil
                && ledger.returned[server]?.contains(lowering.target) != true
        }
        for lowering in gone {
            let later = descendants(of: lowering.event, state)
            for other in nodes where other.peer == lowering.target {
                guard let keys = other.core?.servers[server]?.keys else { continue }
                for event in later where ledger.honest.contains(event.author) {
                    guard let epoch = event.sealedText?.epoch, keys.holds(epoch),
                        state.standing(of: other.peer, before: event.id)?.level == nil
                    else { continue }
                    violate(
                        "I-8",
                        "node \(other.index) opens \(event.id.short), written after its removal")
                }
            }
        }
    }

    private func descendants(of id: Event.ID, _ state: ServerState) -> [Event] {
        var known: Set<Event.ID> = [id]
        let later = state.graph.eventIDs.compactMap { event($0) }
            .sorted { $0.orderKey < $1.orderKey }
        return later.filter { event in
            let parents = event.edges + (event.prev.map { [$0] } ?? [])
            guard parents.contains(where: { known.contains($0) }) else { return false }
            known.insert(event.id)
            return true
        }
    }

    /// I-1, I-4, I-5, I-7: a plain second reading of the rules comes to the same state.
    func judgeRules(_ server: Server.ID, _ node: SimNode, _ state: ServerState) {
        // All nodes may be wrong alike, and then nothing else notices: where rules are tried most,
        // and now and then elsewhere.
        let isTried =
            !state.forks.isEmpty || plan.actors.contains { Self.triesRules.contains($0.kind) }
        guard isTried || seed.value % Self.oracleEvery == 3 else { return }
        do {
            let envelopes = try state.graph.eventIDs.compactMap { id in
                try self.envelopes[id].map { try Envelope(decoding: $0.bytes) }
            }
            let oracle = try OracleState(
                envelopes, server: server, proofs: state.provenForks)
            tally.oracles += 1
            judgeMarks(oracle.marks, node, state)
            if oracle.hash != StateHash.hash(of: state) {
                let own = StateHash.sections(of: state)
                let differing = oracle.sections.filter {
                    own[Int($0.number) - 1].count != $0.count
                        || own[Int($0.number) - 1].bytes != $0.sum
                }
                violate(
                    "I-1",
                    "node \(node.index): the oracle comes to another state, sections "
                        + "\(differing.map(\.number))")
            }
        } catch {
            violate("I-1", "the oracle cannot read the events: \(error)")
        }
    }

    /// I-18: what could have been shown as stable is never taken back but by a rollback.
    ///
    /// No tool shows the mark yet; the oracle says what it would be, and here is whether it holds.
    private func judgeMarks(_ marks: Set<Event.ID>, _ node: SimNode, _ state: ServerState) {
        tally.marks += UInt64(marks.count)
        for id in marks.sorted() where state.verdict(on: id)?.code == .voidedByRemoval {
            violate("I-18", "node \(node.index): \(id.short) was stable and is void")
        }
    }

    private static let oracleEvery: UInt64 = 32
    private static let triesRules: Set<ActorKind> = [
        .backdater, .ballotStuffer, .puppetMaster, .trespasser,
    ]
}
