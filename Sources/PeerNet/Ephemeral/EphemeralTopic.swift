package import PeerState

/// What an ephemeral message is about, and how long and how often it may say so.
///
/// - Source: PROTOCOL 11.
package enum EphemeralTopic: UInt64, CaseIterable, Sendable {
    case typing = 1
    case presence = 2
    case voice = 3
    case signal = 4
    case delta = 5
    case holdings = 6

    /// How long it counts at most.
    package var life: Milliseconds {
        switch self {
        case .typing: .seconds(6)
        case .presence, .voice, .holdings: .seconds(30)
        case .signal, .delta: .seconds(10)
        }
    }

    /// Messages an author may have accepted in `period`: twice what he may send in half of it, so
    /// that the jitter of links takes none away.
    var rate: (count: Int, period: Milliseconds) {
        switch self {
        case .typing: (2, .seconds(4))
        case .presence: (2, .seconds(10))
        case .voice: (4, .seconds(2))
        case .signal, .delta: (40, .seconds(2))
        case .holdings: (2, .seconds(20))
        }
    }

    /// Whether it is sealed with a channel key and passed on; the other one is for neighbours.
    package var isSealed: Bool { self != .holdings }

    /// Whether only readers of the channel may send it.
    var needsReader: Bool {
        switch self {
        case .typing, .voice, .signal, .delta: true
        case .presence, .holdings: false
        }
    }

    /// Whether each channel has a rate of its own.
    var isPerChannel: Bool { self == .typing }
}
