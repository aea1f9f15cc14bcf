package import PeerState

extension NodeStorage {
    /// Folds every stored event of a server again, beside a node that goes on; its checkpoint is
    /// dropped, as it may hold what is wrong.
    package static func refolded(
        _ server: Server.ID, me: Peer.ID, log: Log, _ core: StoreCore
    ) throws(StoreFailure) -> LoadedServer {
        try core.dropCheckpoint(of: server)
        return try load(
            HostedServer(id: server, me: me), usesCheckpoint: false, log: log, core)
    }
}
