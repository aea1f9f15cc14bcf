/// Where a page of messages begins. `after` and `before` exclude their place.
package enum TextAnchor: Hashable, Sendable {
    case newest
    case oldest
    case after(OrderKey)
    case before(OrderKey)
    /// The message is in the middle, or as near to it as the ends allow.
    case around(Event.ID)
    /// What was announced after this feed position, in order of arrival.
    case arrived(after: UInt64)
}

extension OrderKey {
    /// Before every event of this place, whatever its id: for cursors that carry no id.
    package static func first(lamport: UInt64, author: Peer.ID, seq: UInt64) -> Self {
        Self(lamport: lamport, author: author, seq: seq, id: filled(0))
    }

    /// After every event of this place.
    package static func last(lamport: UInt64, author: Peer.ID, seq: UInt64) -> Self {
        Self(lamport: lamport, author: author, seq: seq, id: filled(.max))
    }

    /// The author's first eight bytes as a signed number of the same order.
    var authorOrder: Int64 { Int64(bitPattern: author.prefix ^ (1 << 63)) }
}
