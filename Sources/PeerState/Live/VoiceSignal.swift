/// What one participant of a voice room says to another so that their clients can connect.
///
/// Nothing here reads the text; media travels between the clients.
/// - Source: PROTOCOL 11, topic 4.
package struct VoiceSignal: Hashable, Sendable {
    package enum Kind: UInt64, CaseIterable, Sendable {
        case offer, answer, candidate, end

        package var word: String { String(describing: self) }

        package init?(word: String) {
            guard let kind = Self.allCases.first(where: { $0.word == word }) else { return nil }
            self = kind
        }
    }

    package var channel: Channel.ID
    package var to: Peer.ID
    package var kind: Kind
    /// At most `Limits.maxSignal` bytes; passed on as it is.
    package var text: String

    package init(channel: Channel.ID, to: Peer.ID, kind: Kind, text: String) {
        self.channel = channel
        self.to = to
        self.kind = kind
        self.text = text
    }

    /// The text without controls that `isPlain` excludes.
    package static func stripped(_ text: String) -> String {
        isPlain(text) ? text : TextRule.multiline.stripped(text)
    }

    /// Whether the text holds no controls but tab, carriage return and line feed.
    package static func isPlain(_ text: String) -> Bool {
        !text.utf8.contains { $0 < 0x20 && $0 != 0x09 && $0 != 0x0a && $0 != 0x0d }
    }
}
