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
            if let box = epoch.viewerBox {
                noteClosed(epoch, because: keys.opens(box) ? .commitMismatch : .cannotOpen)
            } else if epoch.shares.contains(where: { $0.target == me }) {
                noteClosed(epoch.id, in: epoch.channel)
            }
        }
    }

    /// Notes that a share gave none of the keys it names: it was sealed for a prekey that is gone.
    mutating func noteClosed(_ share: KeyShared) {
        for epoch in share.epochs { noteClosed(epoch, in: share.channel) }
    }

    private mutating func noteClosed(_ epoch: Epoch.ID, in channel: Channel.ID) {
        guard !keys.holds(epoch) else { return }
        care.note(KeyCare.Fault(channel: channel, epoch: epoch, reason: .cannotOpen))
        needsDutyCheck = true
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
