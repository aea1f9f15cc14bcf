import PeerState

/// What the product and the oracle say differently about one history.
package struct StateComparison {
    package private(set) var problems: [String] = []
    private let history: HostileHistory
    private let oracle: OracleState

    package init(_ history: HostileHistory, _ oracle: OracleState) throws {
        self.history = history
        self.oracle = oracle
        var random = SeededRandom(seed: history.seed &* 77)
        let first = [history.envelopes[0]]
        try compare(history.envelopes, "in order")
        guard problems.isEmpty else { return }
        try compare(first + history.envelopes.dropFirst().shuffled(using: &random), "shuffled")
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

    private mutating func compare(_ envelopes: [Envelope], _ order: String) throws {
        var replica = Replica(id: history.server)
        var dropped: [Event.ID: String] = [:]
        for envelope in envelopes {
            let verdict = give(envelope, to: &replica)
            switch verdict {
            case .dropped, .refused: dropped[envelope.id] = verdict.word
            case .stored, .duplicate, .waiting, .early: break
            }
        }
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
