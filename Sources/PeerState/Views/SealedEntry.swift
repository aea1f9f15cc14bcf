/// One message whose key is not here: what is known without it.
package struct SealedEntry: Hashable, Sendable {
    /// The message; its event is stored already, or earlier in the same batch.
    package let message: Event.ID
    package let channel: Channel.ID
    package let epoch: Epoch.ID
    package let parent: Event.ID?
    /// The author's clock, ms since 1970.
    package let wallMilliseconds: UInt64

    package init(
        message: Event.ID, channel: Channel.ID, epoch: Epoch.ID, parent: Event.ID?,
        wallMilliseconds: UInt64
    ) {
        self.message = message
        self.channel = channel
        self.epoch = epoch
        self.parent = parent
        self.wallMilliseconds = wallMilliseconds
    }
}
