package import PeerState

/// What folding every event of a server again gave, and whether a start would have said the same.
package struct RebuildReport: Hashable, Sendable {
    package enum Comparison: Hashable, Sendable {
        /// Nothing to compare with: the next start would have read every event.
        case noCheckpoint
        case agrees
        /// The checkpoint and the events after it give another state; the events decide.
        case differs(Digest.Value)
        /// The checkpoint could not be read, and why.
        case unusable(String)
    }

    package let server: Server.ID
    /// Events in the set.
    package let events: Int
    /// Stored events that are not in it: they do not decode, or do not follow the others.
    package let unusableEvents: Int
    /// The state hash that the events give.
    package let state: Digest.Value
    package let frontier: Digest.Value
    package let comparison: Comparison
}

extension NodeStorage {
    /// Folds every event of a server from nothing, compares that with what a start would make, and
    /// leaves a checkpoint of it.
    ///
    /// For a tool that has the store to itself. Texts are another matter: `rebuildDerived`.
    /// - Errors: those of the disk.
    package static func refold(
        _ server: Server.ID, me: Peer.ID, atMilliseconds: UInt64, log: Log, _ core: StoreCore
    ) throws(StoreFailure) -> RebuildReport {
        let empty = HostedServer(id: server, me: me)
        let started = try load(empty, usesCheckpoint: true, log: log, core)
        var rebuilt = try load(empty, usesCheckpoint: false, log: log, core)
        let state = StateHash.hash(of: rebuilt.server.state)
        let comparison: RebuildReport.Comparison
        switch started.start {
        case .events(refused: nil): comparison = .noCheckpoint
        case .events(refused: let reason?): comparison = .unusable(reason)
        case .checkpoint:
            let other = StateHash.hash(of: started.server.state)
            comparison = other == state ? .agrees : .differs(other)
        }
        if comparison != .agrees {
            try core.dropCheckpoint(of: server)
        }
        if comparison != .agrees, let request = rebuilt.server.beginCheckpoint(now: .zero) {
            let checkpoint = request.snapshot.checkpoint(atMilliseconds: atMilliseconds)
            _ = try write(request, checkpoint, core)
        }
        return RebuildReport(
            server: server, events: rebuilt.server.state.graph.count,
            unusableEvents: rebuilt.server.unusableEvents, state: state,
            frontier: FrontierDigest.of(rebuilt.server.state), comparison: comparison)
    }
}
