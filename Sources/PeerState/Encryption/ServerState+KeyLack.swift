extension ServerState {
    /// Readers with a prekey who cannot open the newest epoch of a channel that somebody can.
    ///
    /// - Parameter holds: whether that somebody has the key of an epoch.
    package func readersLackingKeys(_ holds: (Epoch.ID) -> Bool) -> Set<Peer.ID> {
        var result: Set<Peer.ID> = []
        for record in holdingRecords {
            guard let newest = newestEpoch(of: record.id), holds(newest.id) else { continue }
            let recipients = recipients(of: newest).subtracting(lockedOut(of: newest))
            // Nearly all have it; whether somebody may read at all is asked of the others alone.
            for peer in activeMembers where !recipients.contains(peer) {
                guard prekey(of: peer, at: now) != nil, isReader(peer, of: record.id, at: now)
                else { continue }
                result.insert(peer)
            }
        }
        return result
    }
}
