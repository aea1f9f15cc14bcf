/// Why a channel got a new key, as far as the log tells it.
///
/// The event itself says nothing of it: what distinguishes it from its parents does.
/// - Source: PROTOCOL 7.2, when to rotate.
package enum RotationReason: String, Sendable {
    /// The first key of the channel.
    case created
    /// Somebody who could read is no member any more.
    case removal
    /// Others may read than before.
    case access
    /// A reader said that the key before was not what it claimed to be.
    case fault
    /// A reader has published another prekey.
    case prekey
    /// Nothing else changed: it was old, much used, or somebody asked for it.
    case renewed
}

extension ServerState {
    /// - Returns: `nil` for an epoch that is not known.
    package func rotationReason(of id: Epoch.ID) -> RotationReason? {
        guard let epoch = epochs[id], let slot = graph.slot(of: Event.ID(id)) else { return nil }
        let parents = epoch.parents.compactMap { epochs[$0] }
        guard !parents.isEmpty else { return .created }
        let past = graph.past(slot)
        let readers = epoch.rotationRecipients
        let before = parents.reduce(into: Set<Peer.ID>()) { known, parent in
            known.formUnion(parent.rotationRecipients)
            known.formUnion(
                parent.shares.filter { isInForce($0.slot, at: past) }.map(\.target))
        }
        let lost = before.subtracting(readers)
        if !lost.isEmpty {
            return lost.isDisjoint(with: members(at: past)) ? .removal : .access
        }
        let pasts = parents.compactMap { graph.slot(of: Event.ID($0.id)) }.map { graph.past($0) }
        let added = readers.subtracting(before)
        if added.contains(where: { wasKeptOut($0, of: epoch.channel, at: pasts) }) {
            return .access
        }
        let faults = parents.flatMap(\.faults).filter { $0.reason == .commitMismatch }
        if faults.contains(where: { isInForce($0.slot, at: past) }) { return .fault }
        return readers.contains { hasNewPrekey($0, at: past, since: pasts) } ? .prekey : .renewed
    }

    /// Whether a member could not read the channel then.
    private func wasKeptOut(_ peer: Peer.ID, of channel: Channel.ID, at pasts: [Past]) -> Bool {
        pasts.contains { past in
            !isReader(peer, of: channel, at: past) && members(at: past).contains(peer)
        }
    }

    /// Whether a reader's prekey replaced another one that the parents of an epoch knew.
    private func hasNewPrekey(_ peer: Peer.ID, at past: Past, since pasts: [Past]) -> Bool {
        guard let current = prekey(of: peer, at: past) else { return false }
        return pasts.allSatisfy { prekey(of: peer, at: $0).map { $0.slot != current.slot } == true }
    }
}
