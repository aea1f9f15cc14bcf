import PeerState

extension Node {
    /// Folds a server again on the store's thread, while this one goes on.
    func refold(_ server: Server.ID) async {
        let (me, loadLog) = (peerID, log)
        do {
            let loaded = try await store.read { core in
                try NodeStorage.refolded(server, me: me, log: loadLog, core)
            }
            guard !isStopping else { return }
            feed(.refolded(loaded))
        } catch {
            log.log(.error, "server \(server): folding again failed: \(error)")
        }
    }
}
