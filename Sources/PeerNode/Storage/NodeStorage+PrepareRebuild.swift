package import PeerState

extension NodeStorage {
    /// Empties the texts that follow from events; the next start of a node fills them again.
    ///
    /// State is another matter: `refold`. Beginning again after a crash does no harm.
    /// - Errors: `corrupt` when even that cannot be done: the database must come from a backup.
    package static func prepareRebuild(_ core: StoreCore) throws(StoreFailure) {
        var batch = StoreBatch()
        batch.settings.append(Setting(name: NodeCore.textsSetting, value: nil))
        try core.commit([batch])
        try core.beginRebuild()
    }
}
