extension ServerState {
    /// Readers with a prekey who were not given the key of an epoch that `giver` can give.
    ///
    /// Old ones count like the newest: what was made in a part of the network that knew less of its
    /// readers comes when newer ones are here already, and nothing leads from those to it.
    /// - Parameter keys: those of the giver.
    package func readersLackingKeys(
        from giver: Peer.ID, holding keys: KeyRing
    ) -> Set<Peer.ID> {
        var result: Set<Peer.ID> = []
        for record in holdingRecords {
            for epoch in openEpochs(of: record.id, keys) {
                let recipients = recipients(of: epoch)
                guard recipients.contains(giver) else { continue }
                let given = recipients.subtracting(lockedOut(of: epoch))
                    .union(givenInVain(epoch, by: giver))
                // Nearly all have it; whether somebody may read is asked of the others alone.
                for peer in activeMembers where !given.contains(peer) {
                    guard prekey(of: peer, at: now) != nil,
                        isReader(peer, of: record.id, at: now)
                    else { continue }
                    result.insert(peer)
                }
            }
        }
        return result
    }

    /// Whom `giver` gave an epoch without effect under the grant it acts under now: what it would
    /// write again has none either, and would be asked for again at once.
    func givenInVain(_ epoch: EpochInfo, by giver: Peer.ID) -> Set<Peer.ID> {
        let vain = epoch.shares.filter {
            graph.peer($0.slot) == giver && !graph.isEffective($0.slot)
        }
        guard !vain.isEmpty else { return [] }
        let proof = standing(of: giver)?.proof.flatMap { graph.slot(of: $0) }
        return Set(vain.filter { graph.proof($0.slot) == proof }.map(\.target))
    }
}
