import PeerState

/// Hosts at which members were met: their handshakes have a share of their own.
///
/// - Bound: `Limits.metHosts`; the one met longest ago gives way.
struct MetHosts: Sendable {
    /// When each was met last, by counting.
    private var met: [String: UInt64] = [:]
    private var turn: UInt64 = 0

    var count: Int { met.count }

    func contains(_ host: String) -> Bool { met[host] != nil }

    mutating func note(_ host: String) {
        if met[host] == nil, met.count >= Limits.metHosts,
            let oldest = met.min(by: { $0.value < $1.value })
        {
            met[oldest.key] = nil
        }
        turn += 1
        met[host] = turn
    }
}
