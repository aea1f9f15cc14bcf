/// Questions about how well the keys of a channel still fit its readers.
extension ServerState {
    /// Whether a reader changed the prekey he had when `epoch` was made, or got it, and whoever
    /// made it did not know; a newcomer's first prekey is no change.
    package func hasChangedPrekey(since epoch: EpochInfo) -> Bool {
        guard let slot = graph.slot(of: Event.ID(epoch.id)) else { return false }
        let past = graph.past(slot)
        return members(at: now).contains { peer in
            guard (prekeys[peer]?.count ?? 0) > 1, isReader(peer, of: epoch.channel, at: now),
                let current = prekey(of: peer, at: now)
            else { return false }
            return !graph.contains(current.slot, in: past)
        }
    }

    /// Whether a member other than `peer` renewed his prekey after `milliseconds`, by his clock.
    package func hasRenewedPrekey(besides peer: Peer.ID, after milliseconds: UInt64) -> Bool {
        members(at: now).contains { member in
            guard member != peer, (prekeys[member]?.count ?? 0) > 1,
                let current = prekey(of: member, at: now)
            else { return false }
            return graph.wallPlus(current.slot) > milliseconds
        }
    }

    /// Recipients who said that their box does not open and were given no share since.
    package func lockedOut(of epoch: EpochInfo) -> Set<Peer.ID> {
        var result: Set<Peer.ID> = []
        for fault in epoch.faults where fault.reason == .cannotOpen {
            let peer = graph.peer(fault.slot)
            let isAnswered = epoch.shares.contains { share in
                share.target == peer && graph.isEffective(share.slot)
                    && graph.contains(fault.slot, in: graph.past(share.slot))
            }
            if graph.isEffective(fault.slot) && !isAnswered { result.insert(peer) }
        }
        return result
    }
}

extension ServerState {
    /// Whether a recipient found that the key does not match its commitment.
    package func isFaulted(_ epoch: EpochInfo) -> Bool { faultCount(of: epoch) > 0 }

    /// Whether `peer` could report an epoch and has not.
    package func mayReport(_ epoch: Epoch.ID, by peer: Peer.ID) -> Bool {
        guard let info = epochs[epoch], isEffective(epoch: epoch),
            isReader(peer, of: info.channel, at: now), isRecipient(peer, of: epoch, at: now)
        else { return false }
        return !info.faults.contains { graph.peer($0.slot) == peer }
    }
}
