import PeerState

/// What one server's keys ask of this node, and when.
///
/// - Source: PROTOCOL 7.2 (when to rotate, opening) and 7.5.
struct KeyCare: Sendable {
    /// A key that did not come out of its box.
    struct Fault: Hashable, Sendable {
        let channel: Channel.ID
        let epoch: Epoch.ID
        let reason: KeyFaulted.Reason
    }

    /// Channels whose key this node renews, and when, unless somebody else does first.
    private(set) var rotations: [Channel.ID: Instant] = [:]
    /// Keys this node misses, and when it says so.
    private(set) var faults: [Fault: Instant] = [:]
    /// Messages under one epoch after which it is renewed.
    var usesMax = Limits.rotateAfterMessages
    /// Messages seen under each epoch since this node started.
    private var uses: [Epoch.ID: UInt64] = [:]
    /// No look before this moment.
    private(set) var pauseEnd = Instant(nanoseconds: 0)
    /// The next look, when nothing happens before.
    private(set) var nextLook = Instant(nanoseconds: 0)

    /// No prekey of which the secret is lost is replaced before; two processes of one key would
    /// replace each other's without end.
    private var replaceAfter = Instant(nanoseconds: 0)

    /// Whether a prekey may be replaced now, which it then is.
    mutating func replacePrekey(_ now: Instant) -> Bool {
        guard now >= replaceAfter else { return false }
        replaceAfter = now + Limits.prekeyAgain
        return true
    }

    /// Counts a message; says whether it is the one after which the key is renewed.
    mutating func noteUse(of epoch: Epoch.ID) -> Bool {
        uses[epoch, default: 0] += 1
        return uses[epoch] == usesMax
    }

    func uses(of epoch: Epoch.ID) -> UInt64 { uses[epoch] ?? 0 }

    mutating func note(_ fault: Fault) {
        // Dated when it is first looked at: absorbing knows no clock.
        if faults[fault] == nil { faults[fault] = .some(Instant(nanoseconds: 0)) }
    }

    /// Whether the moment for a look has come without any event.
    func isDue(_ now: Instant) -> Bool { nextLook <= now }

    /// Begins a look, or says that it is too early; the next one is then at the end of the pause.
    mutating func beginLook(_ now: Instant) -> Bool {
        guard now >= pauseEnd else {
            nextLook = pauseEnd
            return false
        }
        pauseEnd = now + Limits.keyLookPause
        nextLook = now + Limits.keyLookPeriod
        return true
    }

    mutating func look(noLaterThan instant: Instant) { nextLook = min(nextLook, instant) }

    /// Keeps the moments of channels that still need a key, and draws one for those that do now.
    mutating func plan(
        _ needed: Set<Channel.ID>, _ delay: (Channel.ID) -> Instant
    ) {
        rotations = rotations.filter { needed.contains($0.key) }
        for channel in needed.sorted() where rotations[channel] == nil {
            rotations[channel] = delay(channel)
        }
        for due in rotations.values { look(noLaterThan: due) }
    }

    mutating func postpone(_ channel: Channel.ID, until instant: Instant) {
        rotations[channel] = instant
        look(noLaterThan: instant)
    }

    mutating func end(_ channel: Channel.ID) { rotations[channel] = nil }

    /// Forgets faults that no longer matter and dates the new ones.
    mutating func keepFaults(_ now: Instant, where isOpen: (Fault) -> Bool) {
        faults = faults.filter { isOpen($0.key) }
        for (fault, due) in faults where due.nanoseconds == 0 {
            // A wrong key is certain; a closed box may have another way in.
            let wait = fault.reason == .commitMismatch ? Milliseconds(0) : Limits.faultDelay
            faults[fault] = now + wait
        }
        for due in faults.values { look(noLaterThan: due) }
    }

    mutating func end(_ fault: Fault) { faults[fault] = nil }
}
