import PeerState

/// Counts what one link does wrong: frames that do not read, and frames that keep us busy.
///
/// - Source: PROTOCOL 8.2 and 13, HOSTILE H-010 and H-017.
struct Misbehaviour: Sendable {
    /// When frames were bad, the oldest first; at most `Limits.badFrames`.
    private var badFrames: [Instant] = []
    private var windowStart: Instant
    private var idleFrames = 0
    private var creditFrames = 0
    private var answeredPing = false
    private(set) var badFrameCount: UInt64 = 0

    init(now: Instant) {
        windowStart = now
    }

    /// `true` for the one that ends the link.
    mutating func badFrame(now: Instant) -> Bool {
        badFrameCount += 1
        badFrames.removeAll { now >= $0 + Limits.badFrameWindow }
        badFrames.append(now)
        return badFrames.count >= Limits.badFrames
    }

    /// A frame that costs the sender nothing; `true` for the first beyond each hundred that a
    /// second may have: ten thousand are no better than a hundred a second for as long.
    mutating func idleFrame(now: Instant) -> Bool {
        roll(now)
        idleFrames += 1
        return idleFrames > Limits.idleFramesPerSecond
            && idleFrames % Limits.idleFramesPerSecond == 1
    }

    /// Credit has its use at any rate, so however many in a second count once.
    mutating func creditFrame(now: Instant) -> Bool {
        roll(now)
        creditFrames += 1
        return creditFrames == Limits.idleFramesPerSecond + 1
    }

    /// One Pong a second is enough for anybody.
    mutating func mayAnswerPing() -> Bool {
        defer { answeredPing = true }
        return !answeredPing
    }

    private mutating func roll(_ now: Instant) {
        guard now >= windowStart + Limits.floodWindow else { return }
        windowStart = now
        idleFrames = 0
        creditFrames = 0
        answeredPing = false
    }
}
