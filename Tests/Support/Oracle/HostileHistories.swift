package import PeerState

/// A random history of signed events that tries every rule against every other.
package struct HostileHistory: Sendable {
    package let seed: UInt64
    package let server: Server.ID
    /// In a causal order; the first is the create event. Some are dropped or void on purpose.
    package let envelopes: [Envelope]

    package init(seed: UInt64, server: Server.ID, envelopes: [Envelope]) {
        self.seed = seed
        self.server = server
        self.envelopes = envelopes
    }
}

/// Makes small nasty histories from a seed: honest clocks and edges, dishonest intentions.
package enum HostileHistories {
    /// - Parameter size: about how many events; a rotation in parts may pass it.
    package static func make(
        seed: UInt64, size: Int
    ) throws(Failure<WireCode>) -> HostileHistory {
        let builder = try HostileBuilder(seed: seed)
        try builder.prepare()
        var steps = 0
        while builder.envelopes.count < size && steps < size * 20 {
            steps += 1
            try builder.step()
        }
        return HostileHistory(
            seed: seed, server: Server.ID(builder.world.server), envelopes: builder.envelopes)
    }
}
