/// What a channel's card shows of its messages, without reading them.
package struct ChannelTotals: Hashable, Sendable {
    package let channel: Channel.ID
    /// Messages ever shown here; it only grows.
    package let lastSeq: UInt64
    /// The number of the last one that somebody else wrote.
    package let lastForeignSeq: UInt64
    /// The last message in display order.
    package let newest: StoredMessage?
}
