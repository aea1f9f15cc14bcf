package import PeerState

extension HostileHistory {
    /// A smaller history that still fails: events leave one by one with all that names them.
    ///
    /// - Parameter isFailing: true for envelopes that show the fault; asked in causal order.
    package func shrunk(
        while isFailing: ([Envelope]) throws -> Bool
    ) throws -> HostileHistory {
        var kept = envelopes
        var place = kept.count - 1
        while place > 0 {
            let smaller = try Self.without(kept[place].id, kept)
            if try isFailing(smaller) {
                kept = smaller
                place = kept.count
            }
            place -= 1
        }
        return HostileHistory(seed: seed, server: server, envelopes: kept)
    }

    private static func without(_ id: Event.ID, _ envelopes: [Envelope]) throws -> [Envelope] {
        var gone: Set<Event.ID> = [id]
        return try envelopes.filter { envelope in
            let event = try OracleEvent(envelope)
            let rests = event.edges + (event.proof.map { [$0] } ?? [])
            if gone.contains(envelope.id) || rests.contains(where: gone.contains) {
                gone.insert(envelope.id)
                return false
            }
            return true
        }
    }
}
