/// Part of one author's log: what a Want asks for, and what is left of it after a page.
package struct EventRange: Hashable, Sendable {
    package let author: Peer.ID
    /// The first seq wanted.
    package var from: UInt64
    /// The last seq wanted.
    package let through: UInt64
    /// Of the events with seq `from`, those up to this id were given already (a fork has several).
    package var after: Event.ID?

    package init(author: Peer.ID, from: UInt64, through: UInt64, after: Event.ID? = nil) {
        self.author = author
        self.from = from
        self.through = through
        self.after = after
    }
}
