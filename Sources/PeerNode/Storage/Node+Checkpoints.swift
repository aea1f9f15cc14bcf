import PeerNet
import PeerState

/// Writing checkpoints beside everything else.
extension Node {
    /// Hashes on the worker pool, then writes on the store's thread.
    func write(_ request: CheckpointRequest) async {
        let asked = generation
        let hash = await Self.write(request, store, log)
        if asked == generation { feed(.checkpointed(request.server, hash)) }
    }

    /// Writes what no checkpoint holds yet, so that the next start reads no event again.
    func writeLastCheckpoints() async {
        for request in core.lastCheckpoints() { _ = await Self.write(request, store, log) }
    }

    @concurrent
    private static func write(
        _ request: CheckpointRequest, _ store: Store, _ log: Log
    ) async -> Digest.Value? {
        let checkpoint = request.snapshot.checkpoint(
            atMilliseconds: SystemClock.moment().wallMilliseconds)
        do {
            return try await store.read { core in
                try NodeStorage.write(request, checkpoint, core)
            }
        } catch {
            log.log(.info, "server \(request.server): no checkpoint was written: \(error)")
            return nil
        }
    }
}
