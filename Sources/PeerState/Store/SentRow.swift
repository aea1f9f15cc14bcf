/// A message already sent under a client's own id, so that a repeated call posts nothing new.
package struct SentRow: Hashable, Sendable {
    package let principal: String
    package let channel: Channel.ID
    package let clientMessageID: String
    package let textHash: Digest.Value
    package let event: Event.ID
    package let atMilliseconds: UInt64

    package init(
        principal: String, channel: Channel.ID, clientMessageID: String, textHash: Digest.Value,
        event: Event.ID, atMilliseconds: UInt64
    ) {
        self.principal = principal
        self.channel = channel
        self.clientMessageID = clientMessageID
        self.textHash = textHash
        self.event = event
        self.atMilliseconds = atMilliseconds
    }
}
