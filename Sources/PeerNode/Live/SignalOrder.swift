import PeerNet
import PeerState

/// Hands on the signals of one peer in an order a client can use: an offer or answer first, the
/// candidates that overtook it after it.
///
/// - Bound: `Limits.signalsWaiting`, each for as long as it counts.
struct SignalOrder: Sendable {
    struct Waiting: Sendable {
        let signal: VoiceSignal
        let until: Instant
    }

    /// Whether both are in the room: before that nothing is handed on.
    private(set) var isOpen = false
    private var hasDescription = false
    private var waiting: [Waiting] = []

    var nextEnd: Instant? { waiting.map(\.until).min() }
    /// Whether forgetting it loses nothing.
    var isEmpty: Bool { waiting.isEmpty && !isOpen }

    /// - Returns: what may be handed on now, in order.
    /// - Errors: `signalsWaiting`.
    mutating func take(
        _ signal: VoiceSignal, until: Instant
    ) throws(EphemeralDrop) -> [VoiceSignal] {
        guard waiting.count < Limits.signalsWaiting else { throw .signalsWaiting }
        guard isOpen else {
            waiting.append(Waiting(signal: signal, until: until))
            return []
        }
        return pass(Waiting(signal: signal, until: until))
    }

    /// The peer is seen in the room: what it said before is heard now.
    mutating func open() -> [VoiceSignal] {
        guard !isOpen else { return [] }
        isOpen = true
        let held = waiting
        waiting = []
        return held.flatMap { pass($0) }
    }

    /// - Returns: how many ended because the peer never was seen in the room.
    mutating func expire(_ now: Instant) -> UInt64 {
        let before = waiting.count
        waiting.removeAll { $0.until <= now }
        return isOpen ? 0 : UInt64(before - waiting.count)
    }

    private mutating func pass(_ item: Waiting) -> [VoiceSignal] {
        switch item.signal.kind {
        case .candidate where !hasDescription:
            waiting.append(item)
            return []
        case .candidate: return [item.signal]
        case .offer, .answer:
            hasDescription = true
            let released = waiting.map(\.signal)
            waiting = []
            return [item.signal] + released
        case .end:
            hasDescription = false
            waiting = []
            return [item.signal]
        }
    }
}
