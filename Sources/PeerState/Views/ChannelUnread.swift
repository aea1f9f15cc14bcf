/// What one principal has not read in one channel.
package struct ChannelUnread: Hashable, Sendable {
    package let channel: Channel.ID
    /// Exact.
    package let unread: Int
    /// Those of them that mention this node.
    package let mentions: Int

    package init(channel: Channel.ID, unread: Int, mentions: Int) {
        self.channel = channel
        self.unread = unread
        self.mentions = mentions
    }
}
