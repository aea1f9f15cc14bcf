package import PeerState

/// A stretch of one author's chain, both ends included.
///
/// - Range: 1 ≤ `from` ≤ `to` ≤ `Limits.maxSeq`.
package struct SeqRange: Hashable, Sendable {
    package let author: Peer.ID
    package let from: UInt64
    package let to: UInt64

    package init(author: Peer.ID, from: UInt64, to: UInt64) {
        precondition(from >= 1 && from <= to && to <= Limits.maxSeq, "range outside 1…maxSeq")
        self.author = author
        self.from = from
        self.to = to
    }
}
