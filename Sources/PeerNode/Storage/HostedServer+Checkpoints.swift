import PeerNet
import PeerState

/// What one server's checkpoint holds, and when the next is due.
struct CheckpointState: Sendable {
    /// What the checkpoint on disk holds.
    var written = SnapshotMark.none
    /// Where it says that reading messages again must begin.
    var unreadableFrom = UInt64.max
    /// What names it; `nil` when its parts are not known, so that all are written.
    var base: Digest.Value?
    /// Those that could not be written, one after another.
    var failures = 0
    /// What the one under way will hold.
    var underWay: (mark: SnapshotMark, unreadableFrom: UInt64)?
    /// When the last one was begun.
    var begun: Instant?
}

extension HostedServer {
    /// Takes over a state that a checkpoint made.
    ///
    /// - Parameter events: those it was made from beside its columns.
    mutating func adopt(
        _ state: ServerState, _ events: [Replica.Stored], loadedThrough row: Int64,
        base: Digest.Value?
    ) {
        replica = Replica(state: state)
        loadedThrough = row
        checkpoints.written = state.restoredMark
        checkpoints.base = base
        for item in events {
            keep(item.event, item.envelope.bytes)
            guard item.event.kind == ProfileUpdated.kind,
                state.verdict(on: item.event.id) == nil
            else { continue }
            noteName(of: item.event.author)
        }
        committedHeads = state.graph.heads.mapValues { Head(seq: $0.seq, id: $0.id) }
        committedCount = UInt64(state.graph.count)
        noteForks()
    }

    /// Whether enough events came since the last checkpoint, and none is being written.
    func isCheckpointDue(every count: Int, now: Instant) -> Bool {
        guard checkpoints.underWay == nil,
            replica.state.graph.count - checkpoints.written.eventCount >= count
        else { return false }
        guard let begun = checkpoints.begun else { return true }
        return now >= begun + Limits.checkpointPause
    }

    /// Takes the state as it is, to be written; `nil` when the checkpoint on disk has it all.
    mutating func beginCheckpoint(now: Instant) -> CheckpointRequest? {
        guard replica.state.isFounded, checkpoints.underWay == nil,
            checkpoints.written.eventCount < replica.state.graph.count
                || checkpoints.unreadableFrom < unreadableFrom
        else { return nil }
        let snapshot = replica.snapshot(since: checkpoints.written)
        let unreadableFrom = unreadableFrom
        checkpoints.underWay = (snapshot.mark, unreadableFrom)
        checkpoints.begun = now
        return CheckpointRequest(
            snapshot: snapshot,
            place: CheckpointPlace(
                loadedThrough: loadedThrough, last: snapshot.lastEvent,
                count: UInt64(snapshot.eventCount + unusableEvents),
                base: checkpoints.base, unreadableFrom: unreadableFrom))
    }

    /// Notes that a message with this lamport may not be shown: one that is about to be stored is
    /// not found by a reading that began before.
    mutating func noteUnshown(_ lamport: UInt64) {
        if rescansOpen == 0 {
            rescanFrom = min(rescanFrom ?? .max, lamport)
        } else {
            rescanNext = min(rescanNext ?? .max, lamport)
        }
    }

    /// Begins to read all that was noted.
    mutating func beginRescan() {
        joinRescans()
        rescansOpen += 1
    }

    mutating func endRescan() {
        rescansOpen -= 1
        guard rescansOpen == 0 else { return }
        rescanFrom = nil
        joinRescans()
    }

    /// It did not come to its end: what it was about stays to be read.
    mutating func failRescan() {
        rescansOpen -= 1
        joinRescans()
    }

    private mutating func joinRescans() {
        guard let next = rescanNext else { return }
        rescanFrom = min(rescanFrom ?? .max, next)
        rescanNext = nil
    }

    /// Where reading messages again must begin after a start.
    private var unreadableFrom: UInt64 {
        if hasForgottenSealed { return 0 }
        let waiting = sealedMessages.values.joined().map(\.event.lamport).min() ?? .max
        return min(rescanFrom ?? .max, rescanNext ?? .max, waiting)
    }

    /// - Parameter hash: what names the checkpoint; `nil` leaves everything to the next one.
    mutating func endCheckpoint(_ hash: Digest.Value?) {
        if let hash, let (mark, unreadableFrom) = checkpoints.underWay {
            checkpoints.written = mark
            checkpoints.unreadableFrom = unreadableFrom
            checkpoints.base = hash
            checkpoints.failures = 0
        } else {
            checkpoints.failures += 1
        }
        checkpoints.underWay = nil
        guard checkpoints.failures >= Limits.checkpointFailures else { return }
        checkpoints = CheckpointState(begun: checkpoints.begun)
    }
}
