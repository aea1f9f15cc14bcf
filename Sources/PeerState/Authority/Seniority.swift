/// Where somebody stands among those who may remove others; the smaller key is more senior.
///
/// Nothing in it is of the holder's choosing, and whoever was granted by somebody is junior to
/// him (PROTOCOL 5.2).
package struct Seniority: Hashable, Comparable, Sendable {
    /// Twice the level, so that an enacted vote fits between owner and admin.
    let rank: Int
    /// |chain| of what is written: 1 for the founder, 2 for those he granted.
    let depth: Int
    let seq: UInt64
    /// `nil` comes before every author.
    let author: Peer.ID?
    let grant: Event.ID?

    /// The founder, and an owner by transfer.
    static let owner = Seniority(rank: 6, depth: 1, seq: 0, author: nil, grant: nil)

    package static func < (left: Self, right: Self) -> Bool {
        if left.rank != right.rank { return left.rank > right.rank }
        if left.depth != right.depth { return left.depth < right.depth }
        if left.seq != right.seq { return left.seq < right.seq }
        if left.author != right.author {
            guard let mine = left.author, let other = right.author else {
                return left.author == nil
            }
            return mine < other
        }
        guard let mine = left.grant, let other = right.grant else {
            return left.grant == nil && right.grant != nil
        }
        return mine < other
    }
}
