package import PeerState

/// A file as agents name it: the message that brought it, and its place there from 0.
package struct FileID: Hashable, Sendable {
    package let message: Event.ID
    package let position: Int

    package init(message: Event.ID, position: Int) {
        self.message = message
        self.position = position
    }

    /// Parses 64 hexadecimal digits, a dot and one digit; `m:` may stand before them.
    package init?(_ text: String) {
        let bare = text.hasPrefix("m:") ? text.dropFirst(2) : text[...]
        let parts = bare.split(separator: ".", omittingEmptySubsequences: false)
        guard parts.count == 2, let message = Event.ID(hex: parts[0]), parts[1].utf8.count == 1,
            let position = Int(parts[1]), (0..<MessageText.attachmentsMax).contains(position)
        else { return nil }
        self.init(message: message, position: position)
    }

    package var text: String { "\(message.hex).\(position)" }
}
