package import PeerState

/// How this node reaches others, and what went wrong with it.
package struct ReachSnapshot: Hashable, Sendable {
    package enum RelayStatus: String, Hashable, Sendable {
        /// No relay is used.
        case off
        /// Relays are dialled, and none has taken this node yet.
        case connecting
        /// Peers can ask for this node at a relay.
        case bound
        /// This node relays for others.
        case serving
    }

    package struct Fetch: Hashable, Sendable {
        package var server: Server.ID
        package var have: UInt64
        package var total: UInt64
    }

    package var relay = RelayStatus.off
    /// Relays at which this node can be asked for.
    package var relays: [Peer.ID] = []
    /// Catch-ups under way, by server.
    package var fetches: [Fetch] = []
    package var counters = Counters()
    package var gauges: [Gauge: UInt64] = [:]

    package init() {}
}
