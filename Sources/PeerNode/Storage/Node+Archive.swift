package import PeerState

/// Whole histories in and out, for archives and measurements.
extension Node {
    /// Every stored envelope of a server, in canonical order.
    ///
    /// - Bound: holds all of them; meant for servers that fit into memory.
    package func envelopes(of server: Server.ID) async throws -> [[UInt8]] {
        var envelopes: [[UInt8]] = []
        var after: OrderKey?
        while true {
            let rows = try await store.events(of: server, after: after)
            guard let last = rows.last else { return envelopes }
            envelopes += rows.map(\.envelope)
            after = last.orderKey
        }
    }

    /// Takes envelopes as if a peer had sent them in one frame: each is checked and stored.
    ///
    /// Returns at once; what is new shows when it is durable. Does nothing for an unknown server.
    package func take(_ envelopes: [[UInt8]], for server: Server.ID) {
        feed(.handed(server, envelopes))
    }
}
