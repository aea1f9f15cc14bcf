package import PeerState

/// What tests ask of a server: words and numbers, by name.
extension RightsServer {
    package var hash: Digest.Value { StateHash.hash(of: state) }

    /// The state without the list of void events.
    package var visible: [RowSum] { Array(StateHash.sections(of: state).prefix(14)) }

    /// `nil` when the event has effect.
    package func verdict(_ id: Event.ID) -> String? { state.verdict(on: id)?.code.word }

    package func level(_ name: String) -> Level? { state.standing(of: Self.peer(name))?.level }

    package func permissions(_ name: String) -> Permissions {
        state.permissions(of: Self.peer(name), at: state.now)
    }

    package func isMember(_ name: String) -> Bool { level(name) != nil }

    /// The pin that accepts everything of somebody known here.
    package func cut(_ name: String) -> CBORValue {
        guard let head = state.graph.head(of: Self.peer(name)) else { return .null }
        return .array([.unsigned(head.seq), .named(head.id)])
    }

    package func cut(_ event: Event.ID) -> CBORValue {
        .array([.unsigned(state.seq(of: event) ?? 0), .named(event)])
    }

    /// What is different when the same events come in other orders; empty when nothing is.
    package func disagreements(orders: UInt64 = 3) -> [String] {
        var problems: [String] = []
        for seed in 0..<orders {
            var random = SeededRandom(seed: seed)
            var other = Replica(id: id)
            for envelope in log.prefix(1) + log.dropFirst().shuffled(using: &random) {
                _ = other.receive(envelope.bytes, wallMilliseconds: Self.receivedAt)
            }
            if other.state.graph.count != state.graph.count { problems.append("\(seed): count") }
            if StateHash.hash(of: other.state) != hash { problems.append("\(seed): hash") }
            if FrontierDigest.of(other.state) != FrontierDigest.of(state) {
                problems.append("\(seed): frontier")
            }
        }
        return problems
    }

    /// The word with which an honest build refuses; `nil` when it writes. Changes nothing.
    package func refusal(_ name: String, _ act: RightsAct) throws -> String? {
        var copy = self
        do {
            try copy.write(name, act)
            return nil
        } catch let failure as Failure<RuleCode> {
            return failure.code.word
        }
    }
}
