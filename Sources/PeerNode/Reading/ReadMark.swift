package import PeerState

/// How far one principal has read in one channel, as somebody asks for it to be kept.
///
/// Read is what stands at or before `order` and was announced at or before `position`; without an
/// order, all that was announced at or before `position`.
package struct ReadMark: Hashable, Sendable {
    package var principal: String
    package var server: Server.ID
    package var channel: Channel.ID
    /// What was announced after it is not covered, wherever it stands.
    package var position: UInt64
    /// The feed position of what was read last.
    package var feed: UInt64
    package var order: OrderKey?

    /// Marks everything announced up to a position of the feed.
    ///
    /// - Parameter order: of the last message in display order among those; the store knows it.
    package init(
        _ principal: String, server: Server.ID, channel: Channel.ID, announcedBy position: UInt64,
        order: OrderKey? = nil
    ) {
        self.principal = principal
        self.server = server
        self.channel = channel
        self.position = position
        self.order = order
        feed = position
    }

    /// Marks up to a message, without what came later and stands before it.
    package init(_ principal: String, upTo message: MessageSnapshot) {
        self.init(principal, through: message)
        position = message.feed
    }

    /// Marks up to a message and all that stands before it and is here already.
    package init(_ principal: String, through message: MessageSnapshot) {
        self.init(
            principal, server: message.server, channel: message.channel,
            announcedBy: message.feed,
            order: OrderKey(
                lamport: message.lamport, author: message.author, seq: message.authorSeq,
                id: message.id))
        position = .max
    }

    /// A place of reading that only goes forward.
    struct Place: Hashable, Sendable {
        var position: UInt64 = 0
        var order: OrderKey?

        /// The place after reading what a mark covers.
        ///
        /// - Parameter now: the last position of the feed.
        func raised(to mark: ReadMark, now: UInt64) -> Place {
            let covered = min(mark.position, now)
            let last = min(mark.feed, now)
            switch (order, mark.order) {
            case (let own?, let new?) where own < new: return Place(position: covered, order: new)
            case (let own?, _?): return Place(position: max(position, last), order: own)
            case (nil, let new?) where position == 0: return Place(position: covered, order: new)
            case (nil, _): return Place(position: max(position, last), order: nil)
            // By position alone, it covers all that the place did.
            case (_?, nil): return last > position ? Place(position: last, order: nil) : self
            }
        }
    }
}
