/// One readable message as the database keeps it, or the tombstone of one.
package struct StoredMessage: Hashable, Sendable {
    package let server: Server.ID
    package let channel: Channel.ID
    /// Its place in display order, with its author and id.
    package let position: OrderKey
    /// Empty for a tombstone.
    package let text: String
    package let parent: Event.ID?
    /// The first message of the conversation, when somebody replied in it.
    package let root: Event.ID?
    package let epoch: Epoch.ID?
    package let flags: TextFlags
    /// The author's clock, as signed.
    package let wallMilliseconds: UInt64
    /// When this node first stored it.
    package let storedMilliseconds: UInt64
    /// The feed position that announced it.
    package let feed: UInt64
    package let channelSeq: UInt64
    package let principal: String?
    /// The edit or delete in force, and who wrote it.
    package let source: Event.ID?
    package let sourceAuthor: Peer.ID?
    /// Each encoded as in the message; empty for a tombstone.
    package let attachments: [[UInt8]]

    package var id: Event.ID { position.id }
    package var author: Peer.ID { position.author }
}
