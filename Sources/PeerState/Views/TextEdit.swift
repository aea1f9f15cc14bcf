/// The text that an edit gave a message.
package struct TextEdit: Hashable, Sendable {
    package let message: Event.ID
    /// The event that holds the text.
    package let source: Event.ID
    package let text: String
    package var mentions: [Peer.ID] = []
    /// `mention` and `file` as they apply to the new text.
    package var flags: TextFlags = []

    package init(message: Event.ID, source: Event.ID, text: String) {
        self.message = message
        self.source = source
        self.text = text
    }
}
