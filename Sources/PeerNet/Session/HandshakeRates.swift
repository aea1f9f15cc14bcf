package import PeerState

/// Bounds handshakes that others begin: those of each host, and those of all.
///
/// Each costs this node three multiplications on the curve and a signature before the other side
/// has shown who it is. Hosts at which members were met draw from a bucket that no stranger can
/// empty, and of the strangers' bucket a half is kept for hosts that asked for nothing lately: who
/// has least is the last to be refused.
/// - Bounds: `Limits.handshakesPerHost`, `handshakesPerSecond` and their bursts; of hosts, those
///   admitted within `Limits.handshakeMemory`, at most `handshakeHosts`.
/// - Source: HOSTILE, promise 3.
package struct HandshakeRates: Sendable {
    private struct Host {
        var bucket: TokenBucket
        var admittedAt: Instant
    }

    /// Those that began a handshake lately.
    private var hosts: [String: Host] = [:]
    private var strangers: TokenBucket
    private var familiar: TokenBucket

    package init(now: Instant) {
        strangers = Self.bucketOfAll(now)
        familiar = Self.bucketOfAll(now)
    }

    private static func bucketOfAll(_ now: Instant) -> TokenBucket {
        TokenBucket(
            perSecond: Limits.handshakesPerSecond, burst: Limits.handshakeBurst, now: now)
    }

    /// How many hosts are remembered.
    package var hostCount: Int { hosts.count }

    /// Counts one more handshake with `host`; `false` when it has to be refused, which counts
    /// nothing.
    ///
    /// - Parameter isFamiliar: whether a member was met at that host.
    package mutating func admit(_ host: String, isFamiliar: Bool, now: Instant) -> Bool {
        let known = hosts[host].flatMap { isRemembered($0, now) ? $0 : nil }
        var own =
            known?.bucket
            ?? TokenBucket(
                perSecond: Limits.handshakesPerHost, burst: Limits.handshakeBurstPerHost, now: now)
        guard own.holds(1, now) else { return false }
        if hosts[host] == nil {
            forget(now)
            guard hosts.count < Limits.handshakeHosts else { return false }
        }
        if isFamiliar {
            guard familiar.holds(1, now) else { return false }
            familiar.take(1, now)
        } else {
            let kept = known == nil ? 0 : Limits.handshakeBurst / 2
            guard strangers.holds(1 + kept, now) else { return false }
            strangers.take(1, now)
        }
        own.take(1, now)
        hosts[host] = Host(bucket: own, admittedAt: now)
        return true
    }

    private func isRemembered(_ host: Host, _ now: Instant) -> Bool {
        now < host.admittedAt + Limits.handshakeMemory
    }

    private mutating func forget(_ now: Instant) {
        guard hosts.count >= Limits.handshakeHosts else { return }
        hosts = hosts.filter { isRemembered($0.value, now) }
    }
}
