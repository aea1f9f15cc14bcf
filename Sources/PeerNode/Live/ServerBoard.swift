import PeerState

/// What one server's members let know of themselves just now.
struct ServerBoard: Sendable {
    struct Typing: Sendable {
        var since: UInt64
        var until: Instant
    }

    struct Presence: Sendable {
        var state: PresenceState
        var text: String?
        var until: Instant
    }

    struct Participant: Sendable {
        var isMuted: Bool
        var isDeafened: Bool
        var since: UInt64
        var until: Instant
    }

    struct StreamKey: Hashable {
        let author: Peer.ID
        let stream: [UInt8]
    }

    struct Stream: Sendable {
        var index: UInt64
        var until: Instant
    }

    struct Caller: Hashable {
        let channel: Channel.ID
        let peer: Peer.ID
    }

    var typing: [Channel.ID: [Peer.ID: Typing]] = [:]
    var presence: [Peer.ID: Presence] = [:]
    var voice: [Channel.ID: [Peer.ID: Participant]] = [:]
    var streams: [StreamKey: Stream] = [:]
    var calls: [Caller: SignalOrder] = [:]
    /// Signals that ended before their author was seen in the room.
    var unheard: UInt64 = 0

    /// When something of it ends first.
    var nextEnd: Instant? {
        var next: Instant?
        func consider(_ instant: Instant) { next = min(next ?? instant, instant) }
        for entries in typing.values { for entry in entries.values { consider(entry.until) } }
        for entry in presence.values { consider(entry.until) }
        for entries in voice.values { for entry in entries.values { consider(entry.until) } }
        for entry in streams.values { consider(entry.until) }
        for call in calls.values { if let end = call.nextEnd { consider(end) } }
        return next
    }
}
