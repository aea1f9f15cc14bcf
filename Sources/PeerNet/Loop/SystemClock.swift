import Glibc
package import PeerState

/// The machine's clocks; nothing else in the project reads them.
package enum SystemClock {
    /// The monotonic clock, which never jumps.
    package static func now() -> Instant {
        var time = timespec()
        check(clock_gettime(CLOCK_MONOTONIC, &time))
        return Instant(
            nanoseconds: UInt64(time.tv_sec) &* 1_000_000_000 &+ UInt64(time.tv_nsec))
    }

    /// Milliseconds since 1970 by the clock on the wall, which people may set.
    package static func wallMilliseconds() -> UInt64 {
        var time = timespec()
        check(clock_gettime(CLOCK_REALTIME, &time))
        return UInt64(max(time.tv_sec, 0)) &* 1_000 &+ UInt64(time.tv_nsec) / 1_000_000
    }

    package static func moment() -> Moment {
        Moment(monotonic: now(), wallMilliseconds: wallMilliseconds())
    }
}
