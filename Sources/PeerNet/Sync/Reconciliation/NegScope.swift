package import PeerState

/// What two peers compare item by item.
///
/// - Source: PROTOCOL 9.3, whose numbers these are.
package enum NegScope: Hashable, Sendable {
    /// One item per chain head; of a forked author one per branch.
    case heads
    /// All events.
    case events
    case author(Peer.ID)
    /// Posts, edits, deletes, reactions and pins of one channel.
    case channel(Channel.ID)
    /// One of a later version: its encoded item, which nothing here looks into.
    case unknown([UInt8])

    /// The item that stands for one head in scope `heads`, unsalted.
    package static func headName(_ author: Peer.ID, _ head: Head) -> Digest.Value {
        var bytes = author.bytes
        withUnsafeBytes(of: head.seq.bigEndian) { bytes.append(contentsOf: $0) }
        head.id.append(to: &bytes)
        return Sodium.hash("peer-agent/head/1", bytes)
    }
}
