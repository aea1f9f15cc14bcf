extension ServerState {
    /// Readers with a prekey who cannot open the newest epoch of a channel that somebody can.
    ///
    /// - Parameter holds: whether that somebody has the key of an epoch.
    package func readersLackingKeys(_ holds: (Epoch.ID) -> Bool) -> Set<Peer.ID> {
        var result: Set<Peer.ID> = []
        for record in holdingRecords {
            guard let newest = newestEpoch(of: record.id), holds(newest.id) else { continue }
            let recipients = recipients(of: newest).subtracting(lockedOut(of: newest))
            for reader in sealableReaders(of: record.id, at: now)
            where !recipients.contains(reader.peer) {
                result.insert(reader.peer)
            }
        }
        return result
    }
}
