import PeerState

/// Seeded random bytes that may come twice (HOSTILE 1.5, entropy).
final class StutteringEntropy: EntropySource {
    private struct State: Sendable {
        var random: SeededRandom
        var last: [UInt8] = []
        var drawn: UInt64 = 0
        var repeats = 0
    }

    private let state: Locked<State>

    init(_ random: SeededRandom) {
        state = Locked(State(random: random))
    }

    /// The next `count` draws give what the last one gave.
    func stutter(_ count: Int) { state.withLock { $0.repeats = count } }

    func draw() -> (bytes: [UInt8], number: UInt64) {
        state.withLock { state in
            state.drawn += 1
            if state.repeats > 0, !state.last.isEmpty {
                state.repeats -= 1
            } else {
                var seeded = Entropy.seeded(state.random)
                state.last = seeded.bytes(32)
                if case .seeded(let random) = seeded { state.random = random }
            }
            return (state.last, state.drawn)
        }
    }
}
