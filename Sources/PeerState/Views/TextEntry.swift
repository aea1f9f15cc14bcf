/// One message as this node could open it, to be kept for reading; local, never shared.
package struct TextEntry: Hashable, Sendable {
    /// The message; its event is stored already, or earlier in the same batch.
    package let message: Event.ID
    package let channel: Channel.ID
    package let epoch: Epoch.ID
    package let text: String
    package var parent: Event.ID?
    package var mentions: [Peer.ID] = []
    /// Each encoded as in the message.
    package var attachments: [[UInt8]] = []
    /// `mention`, `local`, `edited`, `uncounted`, `file` as they apply; others are set here.
    package var flags: TextFlags = []
    /// The author's clock, ms since 1970.
    package let wallMilliseconds: UInt64
    /// The feed position that announced it; 0 = as it was before a rebuild.
    package var feed: UInt64 = 0
    /// Its number among the channel's visible messages, in order of arrival.
    package var channelSeq: UInt64 = 0
    /// Who on this node sent it, when known.
    package var principal: String?
    /// The edit that holds the text, when it is not the message itself.
    package var source: Event.ID?

    package init(
        message: Event.ID, channel: Channel.ID, epoch: Epoch.ID, text: String,
        wallMilliseconds: UInt64
    ) {
        self.message = message
        self.channel = channel
        self.epoch = epoch
        self.text = text
        self.wallMilliseconds = wallMilliseconds
    }
}
