package import PeerState

/// What each simulated node's wall clock shows while virtual time passes.
///
/// - Units: ms; a node without an entry shows `start` plus virtual time.
package struct VirtualClock: Sendable {
    /// ms since 1970 at virtual time zero.
    package var start: UInt64
    /// How far each node's clock is ahead, in ms; negative for behind.
    package var skew: [Int: Int64] = [:]
    /// How much faster than time each node's clock runs, in parts per million.
    package var drift: [Int: Int64] = [:]

    package init(start: UInt64 = 1_710_000_000_000) {
        self.start = start
    }

    /// Both clocks of a node at a virtual moment; a wall clock never shows less than 0.
    package func moment(of node: Int, at now: Instant) -> Moment {
        let passed = now.milliseconds(since: .zero)
        let gained = Int64(clamping: passed / 1_000) * (drift[node] ?? 0) / 1_000
        let time = Int64(clamping: start &+ passed &+ UInt64(bitPattern: gained))
        let (shown, overflow) = time.addingReportingOverflow(skew[node] ?? 0)
        let wall = overflow ? (time > 0 ? Int64.max : 0) : max(shown, 0)
        return Moment(monotonic: now, wallMilliseconds: UInt64(wall))
    }
}
