import PeerState

/// Lets so many in at a time, the others in order of arrival.
///
/// What many do at once is held in memory at once, and the allocator rarely gives it back.
/// - Bound: who waits is a call in flight (`exchangesInFlightTotal`).
package final class Turnstile: Sendable {
    private struct State {
        var free: Int
        var waiting: [CheckedContinuation<Void, Never>] = []
        /// Those before it have been let in.
        var next = 0

        /// - Returns: whether there was a place.
        mutating func take() -> Bool {
            guard free > 0 else { return false }
            free -= 1
            return true
        }

        /// Gives the place to who waits longest, if anybody does.
        mutating func leave() -> CheckedContinuation<Void, Never>? {
            guard next < waiting.count else {
                free += 1
                return nil
            }
            defer {
                next += 1
                if next == waiting.count || next >= Limits.turnstileKept {
                    waiting.removeFirst(next)
                    next = 0
                }
            }
            return waiting[next]
        }
    }

    private let state: Locked<State>

    package init(places: Int = Limits.turnstilePlaces) {
        precondition(places > 0, "a turnstile that lets nobody in")
        state = Locked(State(free: places))
    }

    /// Returns when there is a place, which has to be given back with `leave`.
    package func enter() async {
        if state.withLock({ $0.take() }) { return }
        await withCheckedContinuation { continuation in
            let isIn = state.withLock { state in
                if state.take() { return true }
                state.waiting.append(continuation)
                return false
            }
            if isIn { continuation.resume() }
        }
    }

    package func leave() {
        state.withLock { $0.leave() }?.resume()
    }
}

extension Limits {
    /// Waits that are prepared, or shown, at a time.
    package static let turnstilePlaces = 16
    /// Places of those let in that a queue keeps before it is made shorter.
    static let turnstileKept = 256
}
