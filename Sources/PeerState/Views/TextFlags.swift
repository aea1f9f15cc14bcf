/// What is known of a readable message beside its text; the bits are those in the database.
package struct TextFlags: OptionSet, Hashable, Sendable {
    package let rawValue: Int64

    package init(rawValue: Int64) {
        self.rawValue = rawValue
    }

    /// It names this node in its mention list, or replies to a message of this node.
    package static let mention = Self(rawValue: 1)
    /// Written by this node.
    package static let local = Self(rawValue: 2)
    package static let edited = Self(rawValue: 4)
    /// A tombstone: its text is gone for good.
    package static let deleted = Self(rawValue: 8)
    /// Something shown before it stands after it in display order. Set by the store.
    package static let late = Self(rawValue: 16)
    /// Came as history, so it is never counted as unread.
    package static let uncounted = Self(rawValue: 32)
    package static let file = Self(rawValue: 64)
    /// Set by the store, from the text.
    package static let link = Self(rawValue: 128)

    /// Its key is not here: author and time are all there is. Never on a text.
    package static let sealed = Self(rawValue: 256)

    /// Those that say how a message came, and not what it says.
    static let arrival: Self = [.late, .uncounted]
    /// Those that follow from the text that is shown.
    static let content: Self = [.mention, .file, .link, .edited]

    /// Looks for bytes, not for characters: a tenth of the time, and the same answer for ASCII.
    static func links(in text: String) -> Self {
        var text = text
        return text.withUTF8 { bytes in
            for mark in bytes.indices.dropFirst(4).dropLast(2)
            where bytes[mark] == UInt8(ascii: ":") && bytes[mark + 1] == UInt8(ascii: "/")
                && bytes[mark + 2] == UInt8(ascii: "/")
            {
                let before = bytes[..<mark]
                if before.ends(with: "http") || before.ends(with: "https") { return .link }
            }
            return []
        }
    }
}

extension Slice<UnsafeBufferPointer<UInt8>> {
    fileprivate func ends(with text: StaticString) -> Bool {
        count >= text.utf8CodeUnitCount
            && suffix(text.utf8CodeUnitCount).elementsEqual(
                UnsafeBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount))
    }
}
