import PeerState

/// What the product and the oracle say differently about one history.
package struct StateComparison {
    package private(set) var problems: [String] = []
    private var history: HostileHistory
    private var oracle: OracleState
    /// Whether an event of a fork was withheld, of which the proof alone is known.
    package private(set) var hasProof = false

    package init(_ history: HostileHistory, _ oracle: OracleState) throws {
        self.history = history
        self.oracle = oracle
        var random = SeededRandom(seed: history.seed &* 77)
        let first = [history.envelopes[0]]
        try compare(history.envelopes, "in order")
        guard problems.isEmpty else { return }
        try compare(first + history.envelopes.dropFirst().shuffled(using: &random), "shuffled")
        guard problems.isEmpty, let (rest, proof) = try Self.withheld(history, &random) else {
            return
        }
        hasProof = true
        self.history = HostileHistory(
            seed: history.seed, server: history.server, envelopes: rest)
        self.oracle = try OracleState(rest, server: history.server, proofs: [proof])
        let others = rest.dropFirst().shuffled(using: &random)
        try compare(
            Array(rest.prefix(1)) + others, "proof alone", proof: proof,
            from: Int.random(in: 0...others.count, using: &random))
    }

    /// The history without one event of a fork that nothing names, and the proof of that fork.
    private static func withheld(
        _ history: HostileHistory, _ random: inout SeededRandom
    ) throws -> ([Envelope], ForkPoint)? {
        let events = try history.envelopes.map { try Event(decoding: $0, for: history.server) }
        let named = Set(events.flatMap { $0.edges + ($0.proof.map { [$0] } ?? []) })
        let twins = Dictionary(grouping: events) {
            ForkPoint(author: $0.author, seq: $0.seq, prev: $0.prev)
        }.filter { $0.value.count > 1 }
        let gone = twins.values.joined().filter { !named.contains($0.id) }.map(\.id).sorted()
        guard let chosen = gone.randomElement(using: &random),
            let point = twins.first(where: { $0.value.contains { $0.id == chosen } })?.key
        else { return nil }
        return (history.envelopes.filter { $0.id != chosen }, point)
    }

    /// Gives a replica one event as a link would.
    ///
    /// Signatures are dear, and all right (`HostileHistoryTests`): one history in eight has its own
    /// checked.
    private func give(_ envelope: Envelope, to replica: inout Replica) -> Replica.Verdict {
        let wall: UInt64 = 1 << 60
        if history.seed.isMultiple(of: 8) {
            return replica.receive(envelope.bytes, wallMilliseconds: wall)
        }
        do {
            let event = try Event(decoding: envelope, for: replica.id)
            return replica.insert(event, envelope, source: nil, wallMilliseconds: wall)
        } catch {
            replica.noteRefused(envelope.id, error)
            return .refused(error)
        }
    }

    /// - Parameter place: how many events come before the proof; it comes again after the others,
    ///   as a proof about somebody unknown is not kept.
    private mutating func compare(
        _ envelopes: [Envelope], _ order: String, proof: ForkPoint? = nil, from place: Int = 0
    ) throws {
        var replica = Replica(id: history.server)
        var dropped: [Event.ID: String] = [:]
        for (number, envelope) in envelopes.enumerated() {
            if let proof, number >= place { _ = replica.learn(proof) }
            let verdict = give(envelope, to: &replica)
            switch verdict {
            case .dropped, .refused: dropped[envelope.id] = verdict.word
            case .stored, .duplicate, .waiting, .early: break
            }
        }
        if let proof { _ = replica.learn(proof) }
        for envelope in history.envelopes {
            let expected = oracle.verdicts[envelope.id] ?? .waiting
            let found = verdict(on: envelope.id, replica, dropped)
            if expected != found, !(isAbsent(expected) && isAbsent(found)) {
                let kind = try OracleEvent(envelope).kind
                problems.append(
                    "\(order): \(envelope.id) kind \(kind): oracle \(expected), product \(found)")
            }
        }
        compareRows(replica.state, order)
    }

    /// Dropped while it waited or waiting still: not in the set either way.
    private func isAbsent(_ verdict: OracleState.Verdict) -> Bool {
        switch verdict {
        case .waiting, .dropped: true
        case .loose, .inadmissible, .void, .effective: false
        }
    }

    private func verdict(
        on id: Event.ID, _ replica: Replica, _ dropped: [Event.ID: String]
    ) -> OracleState.Verdict {
        guard replica.state.graph.contains(id) else {
            return dropped[id].map { .dropped($0) } ?? .waiting
        }
        if replica.state.looseIDs.contains(id) { return .loose }
        guard let failure = replica.state.verdict(on: id) else { return .effective }
        return replica.state.isInadmissible(id)
            ? .inadmissible(failure.code.word) : .void(failure.code.word)
    }

    private mutating func compareRows(_ state: ServerState, _ order: String) {
        let found = Set((StateRows.few(of: state) + StateRows.many(of: state)).map(\.row.hex))
        let expected = Set(oracle.rows.joined().map(\.hex))
        for row in expected.subtracting(found).sorted().prefix(3) {
            problems.append("\(order): missing row \(row)")
        }
        for row in found.subtracting(expected).sorted().prefix(3) {
            problems.append("\(order): unexpected row \(row)")
        }
        if StateHash.hash(of: state) != oracle.hash { problems.append("\(order): state hash") }
        if FrontierDigest.of(state) != oracle.frontierDigest {
            problems.append("\(order): frontier digest")
        }
    }
}
