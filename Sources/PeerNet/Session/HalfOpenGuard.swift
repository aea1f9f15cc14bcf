import PeerState

/// Bounds links that have not finished their handshake: in all, and per address.
///
/// - Bound: `Limits.maxHalfOpen`, `Limits.maxHalfOpenPerAddress`; beyond them a link is closed at
///   accept, so that many of one address never keep others out. Source: PROTOCOL 8.1, H-009.
package struct HalfOpenGuard: Sendable {
    private var perHost: [String: Int] = [:]
    package private(set) var count = 0

    package init() {}

    /// Counts one more link from `host`; `false` when it must be closed instead.
    package mutating func admit(_ host: String) -> Bool {
        let own = perHost[host, default: 0]
        guard count < Limits.maxHalfOpen, own < Limits.maxHalfOpenPerAddress else { return false }
        perHost[host] = own + 1
        count += 1
        return true
    }

    /// Whether only the bound of all keeps a link from `host` out.
    package func isFull(to host: String) -> Bool {
        count >= Limits.maxHalfOpen && perHost[host, default: 0] < Limits.maxHalfOpenPerAddress
    }

    /// An admitted link finished its handshake or closed; once for each `admit`.
    package mutating func settle(_ host: String) {
        guard let own = perHost[host] else { return }
        perHost[host] = own > 1 ? own - 1 : nil
        count -= 1
    }
}
