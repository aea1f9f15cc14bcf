package import PeerState

extension NodeStorage {
    /// Empties everything that follows from events; the next start of a node fills it again.
    ///
    /// Beginning again after a crash does no harm.
    /// - Errors: `corrupt` when even that cannot be done: the database must come from a backup.
    package static func prepareRebuild(_ core: StoreCore) throws(StoreFailure) {
        var batch = StoreBatch()
        batch.settings.append(Setting(name: NodeCore.textsSetting, value: nil))
        try core.commit([batch])
        for server in try core.loadServers() { try core.dropCheckpoint(of: server) }
        try core.beginRebuild()
    }
}
