import PeerState

/// What a server notices about its keys while events come in.
extension HostedServer {
    /// Whether the time has come for something that keys ask for.
    func hasDuty(_ now: Instant) -> Bool { !shareDuties.isEmpty || care.isDue(now) }

    /// Whether this node is about to hand over a key, or to say that it misses one.
    package var owesKeys: Bool { !shareDuties.isEmpty || !care.faults.isEmpty }

    /// Notes every box that gave no key and was not reported before memory was made anew.
    mutating func noteClosed() {
        for epoch in replica.state.epochs.values where !keys.holds(epoch.id) {
            guard let box = epoch.viewerBox else { continue }
            noteClosed(epoch, because: keys.opens(box) ? .commitMismatch : .cannotOpen)
        }
    }

    /// Notes that a box made for this node gave no key, or one that is not the epoch's.
    mutating func noteClosed(_ epoch: EpochInfo, because reason: KeyFaulted.Reason) {
        guard !keys.holds(epoch.id), epoch.viewerBox != nil else { return }
        care.note(KeyCare.Fault(channel: epoch.channel, epoch: epoch.id, reason: reason))
        needsDutyCheck = true
    }

    /// Counts a message; when its epoch has had enough of them, keys are looked at.
    mutating func noteUse(of epoch: Epoch.ID) {
        if care.noteUse(of: epoch) { needsDutyCheck = true }
    }
}
