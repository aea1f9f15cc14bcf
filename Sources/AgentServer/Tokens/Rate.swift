/// Allowed calls: so many at once, then so many a minute.
package struct Rate: Hashable, Sendable {
    package var perMinute: UInt64
    package var burst: UInt64

    package init(perMinute: UInt64, burst: UInt64) {
        self.perMinute = perMinute
        self.burst = burst
    }
}
