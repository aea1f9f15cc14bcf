package import PeerState

/// Checkpoints of servers that grew, so that a restart folds the tail alone (PROTOCOL 6.3).
extension NodeCore {
    /// Asks for the checkpoints that are due; called when everything gathered was submitted.
    mutating func writeDueCheckpoints() {
        guard !pause.isOn, current.events.isEmpty else { return }
        for id in servers.keys.sorted() {
            let isDue = servers[id]?.isCheckpointDue(
                every: configuration.checkpointEvery, now: now.monotonic)
            guard isDue == true, let request = servers[id]?.beginCheckpoint(now: now.monotonic)
            else { continue }
            out.append(.checkpoint(request))
        }
    }

    /// Everything that no checkpoint holds yet; asked once, when the node stops and none is being
    /// written.
    package mutating func lastCheckpoints() -> [CheckpointRequest] {
        servers.keys.sorted().compactMap { id in
            servers[id]?.beginCheckpoint(now: now.monotonic)
        }
    }
}

extension Limits {
    /// Events between two checkpoints of a server at least (PROTOCOL 12).
    package static let checkpointEvery = 4_096
    /// Failures after which a checkpoint is written as if there had been none.
    static let checkpointFailures = 3
    /// Time between them at least: during a long catch-up they would follow one another.
    package static let checkpointPause = Milliseconds.seconds(10)
}
