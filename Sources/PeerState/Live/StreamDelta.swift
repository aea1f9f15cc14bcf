/// A piece of a message that is still being written; the message itself replaces all of them.
///
/// - Source: PROTOCOL 11, topic 5.
package struct StreamDelta: Hashable, Sendable {
    package static let streamByteCount = 16

    package var channel: Channel.ID
    /// Chosen at random by the author.
    package var stream: [UInt8]
    package var index: UInt64
    /// At most `Limits.maxDelta` bytes.
    package var text: String
    /// Set in the last piece: the message that was written.
    package var message: Event.ID?

    package init(
        channel: Channel.ID, stream: [UInt8], index: UInt64, text: String,
        message: Event.ID? = nil
    ) {
        self.channel = channel
        self.stream = stream
        self.index = index
        self.text = text
        self.message = message
    }
}
