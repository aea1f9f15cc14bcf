import PeerState

/// Moments at which the core wants to be woken, at 10 ms steps so that they stay few.
struct WakeList: Sendable {
    private static let stepNanoseconds: UInt64 = 10_000_000
    /// The latest first: what is looked at and taken away after every input is at the end.
    private var instants: [Instant] = []
    private var armed: Instant?

    mutating func add(_ instant: Instant) {
        let step = Self.stepNanoseconds
        let rounded = Instant(nanoseconds: (instant.nanoseconds &+ step - 1) / step * step)
        // Most are asked for again and again, and soon.
        var place = instants.count
        while place > 0, instants[place - 1] < rounded { place -= 1 }
        if place > 0, instants[place - 1] == rounded { return }
        instants.insert(rounded, at: place)
    }

    mutating func passed(_ now: Instant) {
        while let first = instants.last, first <= now { instants.removeLast() }
        armed = nil
    }

    /// The earliest moment, when it is not what was asked for already.
    mutating func toArm() -> Instant? {
        guard let first = instants.last else { return nil }
        if let armed, armed <= first { return nil }
        armed = first
        return first
    }
}
