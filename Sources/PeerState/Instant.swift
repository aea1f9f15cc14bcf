/// A moment on a node's monotonic clock, which virtual time can replace.
///
/// - Units: nanoseconds since an arbitrary start (process start, or the beginning of a simulation).
/// - Access: public, so that other modules compare it without a call (docs/decisions/0043).
public struct Instant: Hashable, Comparable, Sendable {
    public var nanoseconds: UInt64

    @inlinable public init(nanoseconds: UInt64) {
        self.nanoseconds = nanoseconds
    }

    public static let zero = Instant(nanoseconds: 0)

    @inlinable public static func < (left: Self, right: Self) -> Bool {
        left.nanoseconds < right.nanoseconds
    }

    @inlinable public static func + (left: Self, milliseconds: Milliseconds) -> Self {
        Instant(nanoseconds: left.nanoseconds &+ milliseconds.count &* 1_000_000)
    }

    /// Milliseconds from `earlier` to this moment; 0 when `earlier` is later.
    @inlinable public func milliseconds(since earlier: Instant) -> UInt64 {
        nanoseconds <= earlier.nanoseconds ? 0 : (nanoseconds - earlier.nanoseconds) / 1_000_000
    }
}

/// A length of time that cannot be confused with a count.
public struct Milliseconds: Hashable, Comparable, Sendable, ExpressibleByIntegerLiteral {
    public let count: UInt64

    @inlinable public init(_ count: UInt64) { self.count = count }
    @inlinable public init(integerLiteral value: UInt64) { count = value }
    @inlinable public static func seconds(_ seconds: UInt64) -> Self { Self(seconds * 1_000) }
    @inlinable public static func < (left: Self, right: Self) -> Bool { left.count < right.count }
}

/// A reading of both clocks, handed to every core.
///
/// `monotonic` drives timeouts; `wallMilliseconds` (ms since 1970) is only written into events and
/// shown.
package struct Moment: Hashable, Sendable {
    package var monotonic: Instant
    package var wallMilliseconds: UInt64

    package init(monotonic: Instant, wallMilliseconds: UInt64) {
        self.monotonic = monotonic
        self.wallMilliseconds = wallMilliseconds
    }
}
