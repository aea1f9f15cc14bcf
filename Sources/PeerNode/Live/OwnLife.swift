import PeerNet
package import PeerState

/// What this node says of itself: when it is due, and what it may not say yet.
///
/// - Source: PROTOCOL 11 for rates and renewals, MCP 9.8 for typing.
package struct OwnLife: Sendable {
    private struct Announced: Sendable {
        var state: PresenceState
        var text: String?
        var at: Instant
        /// Somebody came who has not heard it.
        var isStale = false
    }

    private struct Stream: Sendable {
        let channel: Channel.ID
        var next: UInt64
        var until: Instant
    }

    package var mode = PresenceMode.auto
    package var text: String?
    package private(set) var room: VoiceStatus?
    private(set) var lastAct: Instant
    private var announced: [Server.ID: Announced] = [:]
    private var voiceSaid: Instant?
    private var typing: [Channel.ID: Instant] = [:]
    private var streams: [[UInt8]: Stream] = [:]
    private var voice: RateWindow
    private var signals: RateWindow
    private var deltas: RateWindow
    private var deltaBytes: TokenBucket

    package init(_ now: Instant) {
        lastAct = now
        voice = RateWindow(limit: 2, period: .seconds(1))
        signals = RateWindow(limit: 20, period: .seconds(1))
        deltas = RateWindow(limit: 20, period: .seconds(1))
        deltaBytes = TokenBucket(
            perSecond: Limits.deltaByteRate, burst: Limits.deltaByteBurst, now: now)
    }

    // Presence

    package mutating func acted(_ now: Instant) { lastAct = max(lastAct, now) }

    /// `nil` while nothing is to be said.
    package func presence(_ now: Instant) -> PresenceState? {
        switch mode {
        case .invisible: nil
        case .online: .online
        case .away: .away
        case .busy: .busy
        case .auto: lastAct + Limits.awayAfter <= now ? .away : .online
        }
    }

    /// When a server is to be told; `nil` when it need not be.
    package func presenceDue(in server: Server.ID, _ now: Instant) -> Instant? {
        let state = presence(now)
        guard let known = announced[server] else { return state == nil ? nil : now }
        // Whoever hears it sooner takes it for a flood, and shows what was there before.
        guard let state else { return max(now, known.at + Limits.presencePause) }
        let isNews = known.isStale || known.state != state || known.text != text
        let next = known.at + (isNews ? Limits.presencePause : Limits.presenceRenewal)
        let away = lastAct + Limits.awayAfter
        return mode == .auto && state == .online && away > now ? min(next, away) : next
    }

    /// Notes that a server is told now, and returns what; `.offline` is said once.
    package mutating func announce(in server: Server.ID, _ now: Instant) -> PresenceState {
        guard let state = presence(now) else {
            announced[server] = nil
            return .offline
        }
        announced[server] = Announced(state: state, text: text, at: now)
        return state
    }

    package mutating func someoneCame(to server: Server.ID) { announced[server]?.isStale = true }
    package mutating func forget(_ server: Server.ID) { announced[server] = nil }
    package var announcedServers: [Server.ID] { announced.keys.sorted() }

    // Typing

    /// Whether typing may be told now, which is noted.
    package mutating func maySayTyping(in channel: Channel.ID, _ now: Instant) -> Bool {
        guard mode != .invisible else { return false }
        if let last = typing[channel], now < last + Limits.typingPause { return false }
        typing = typing.filter { now < $0.value + Limits.typingPause }
        typing[channel] = now
        return true
    }

    package mutating func stoppedTyping(in channel: Channel.ID) { typing[channel] = nil }

    // Voice

    package mutating func enter(_ channel: Channel.ID, of server: Server.ID, _ now: Moment) {
        room = VoiceStatus(server: server, channel: channel, since: now.wallMilliseconds)
        voiceSaid = nil
    }

    package mutating func leave() -> VoiceStatus? {
        defer { room = nil }
        return room
    }

    /// Changes what is heard or said, and returns how it is now; `nil` outside a room.
    package mutating func change(_ change: (inout VoiceStatus) -> Void) -> VoiceStatus? {
        guard var status = room else { return nil }
        change(&status)
        room = status
        voiceSaid = nil
        return status
    }

    package func voiceDue(_ now: Instant) -> Instant? {
        guard room != nil else { return nil }
        // A second change within half a second waits, or others would not take it.
        let opens = voice.opens(now) ?? now
        return max(voiceSaid.map { $0 + Limits.voiceRenewal } ?? now, opens)
    }

    /// Whether the state of the room may be said now, which is noted.
    package mutating func maySayVoice(_ now: Instant) -> Bool {
        guard voice.take(now) else { return false }
        voiceSaid = now
        return true
    }

    // Signals and partial texts

    /// When another signal may leave; `nil` when it left now.
    package mutating func signalWait(_ now: Instant) -> UInt64? {
        signals.take(now) ? nil : signals.opens(now)?.milliseconds(since: now)
    }

    /// When a text of so many bytes may leave, as others count them; `nil` when it left now.
    package mutating func deltaWait(_ byteCount: UInt64, _ now: Instant) -> UInt64? {
        let size = byteCount + Limits.deltaOverhead
        guard deltaBytes.holds(size, now) else { return size * 1_000 / Limits.deltaByteRate }
        guard deltas.take(now) else { return deltas.opens(now)?.milliseconds(since: now) }
        deltaBytes.take(size, now)
        return nil
    }

    /// The number of the next piece of a text; `nil` when it belongs to another channel or too many
    /// texts are open.
    package mutating func nextPiece(
        of stream: [UInt8], in channel: Channel.ID, _ now: Instant
    ) -> UInt64? {
        streams = streams.filter { $0.value.until > now }
        guard streams[stream] != nil || streams.count < Limits.ownStreams else { return nil }
        var entry = streams[stream] ?? Stream(channel: channel, next: 0, until: now)
        guard entry.channel == channel else { return nil }
        defer { streams[stream] = entry }
        entry.until = now + Limits.streamKept
        entry.next += 1
        return entry.next - 1
    }

    package mutating func endStream(_ stream: [UInt8]) { streams[stream] = nil }
}
