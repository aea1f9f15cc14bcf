/// Who can open a message, as the keys it was sealed with say.
package struct MessageReaders: Hashable, Sendable {
    /// Members that may read the channel now and hold the key, in order of their keys.
    package let readers: [Peer.ID]
    /// Those who hold the key and may not read the channel any more.
    package let alsoReadableBy: [Peer.ID]
    /// Its author knew that somebody who holds the key had been removed, and used it all the same.
    package let isStale: Bool
    package let epoch: Epoch.ID
    /// When the key was made, by its maker's clock, ms since 1970.
    package let keyMadeAtMilliseconds: UInt64
}

extension ServerState {
    /// Who can open what `message` holds, if `epoch` is its key.
    ///
    /// - Source: PROTOCOL 7.3, labels.
    package func readers(of message: Event.ID, under epoch: Epoch.ID) -> MessageReaders? {
        guard let slot = graph.slot(of: message), let info = epochs[epoch] else { return nil }
        let holders = recipients(of: info).sorted()
        let present = holders.filter { isReader($0, of: info.channel, at: now) }
        let past = graph.past(slot)
        let knew = holders.contains { holder in
            isRecipient(holder, of: epoch, at: past)
                && !isReader(holder, of: info.channel, at: past)
        }
        return MessageReaders(
            readers: present, alsoReadableBy: holders.filter { !present.contains($0) },
            isStale: knew, epoch: epoch,
            keyMadeAtMilliseconds: wallMilliseconds(of: Event.ID(epoch)) ?? 0)
    }
}
