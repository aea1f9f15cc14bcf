package import PeerState

/// What a name looks like: names with one skeleton cannot be told apart at a glance.
///
/// - Shape: a short text for comparing only; case, spaces, punctuation, invisible characters and
///   an added key are left out, lookalikes of other scripts become the Latin letter.
package struct NameSkeleton: Hashable, Sendable {
    package let text: String

    package init(_ name: String) {
        var result = String.UnicodeScalarView()
        for scalar in Self.withoutKey(name).unicodeScalars {
            if scalar.isASCII {
                result.append(contentsOf: Self.ascii[Int(scalar.value)])
            } else {
                result.append(contentsOf: Self.form(of: scalar))
            }
        }
        text = Self.pairs.reduce(String(result)) { Self.replace($1.0, by: $1.1, in: $0) }
    }

    /// What stands for one character; nothing for an invisible one.
    private static func form(of scalar: Unicode.Scalar) -> [Unicode.Scalar] {
        guard !isInvisible(scalar) else { return [] }
        let plain = unstyled(scalar)
        if let latin = lookalikes[plain] { return [latin] }
        return plain.properties.lowercaseMapping.unicodeScalars.map { lookalikes[$0] ?? $0 }
    }

    /// `form` of the characters that most names are made of, looked up once.
    private static let ascii: [[Unicode.Scalar]] = (UInt8.min..<128).map {
        form(of: Unicode.Scalar($0))
    }

    /// Whether it passes for a part of the system, or for the key of a peer.
    package var isReserved: Bool {
        Self.reserved.contains(self) || Self.looksLikeKey(text)
    }

    /// Names that no person bears: roles in a model's dialogue and words of this program.
    private static let reserved: Set<NameSkeleton> = Set(
        [
            "system", "assistant", "user", "human", "developer", "tool", "function", "ai",
            "owner", "admin", "administrator", "moderator", "member", "self", "me", "you",
            "everyone", "here", "all", "channel", "server", "peer-agent", "root", "notice",
            "verified", "security", "support", "unknown", "deleted", "null", "anonymous",
        ].map { NameSkeleton($0) })

    /// A key is shown by sixteen hexadecimal digits or more.
    private static func looksLikeKey(_ text: String) -> Bool {
        // `l` and `o` stand for the digits 1 and 0 here.
        text.utf8.count >= 12
            && text.utf8.allSatisfy { byte in
                switch byte {
                case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "a")...UInt8(ascii: "f"),
                    UInt8(ascii: "l"), UInt8(ascii: "o"):
                    true
                default: false
                }
            }
    }

    /// Leaves out what `marked` adds, so that nobody bears the marked name of another.
    private static func withoutKey(_ name: String) -> Substring {
        guard let dot = name.lastIndex(of: mark) else { return name[...] }
        let key = name[name.index(after: dot)...]
        let isKey = key.count == keyDigits && key.allSatisfy { $0.isHexDigit }
        return isKey ? name[..<dot] : name[...]
    }

    private static let mark: Character = "·"
    private static let keyDigits = 6

    /// A name that is not its bearer's alone, with the beginning of his key.
    package static func marked(_ name: String, _ peer: Peer.ID) -> String {
        "\(name)\(mark)\(peer.hex.prefix(keyDigits))"
    }

    private static func isInvisible(_ scalar: Unicode.Scalar) -> Bool {
        if scalar.properties.isDefaultIgnorableCodePoint { return true }
        switch scalar.properties.generalCategory {
        case .control, .format, .spaceSeparator, .lineSeparator, .paragraphSeparator,
            .connectorPunctuation, .dashPunctuation, .openPunctuation, .closePunctuation,
            .initialPunctuation, .finalPunctuation, .enclosingMark, .surrogate,
            .privateUse, .unassigned, .modifierSymbol:
            return true
        case .otherPunctuation: return scalar != "!"
        default: return false
        }
    }

    /// Full-width and mathematical letters are letters in another style.
    private static func unstyled(_ scalar: Unicode.Scalar) -> Unicode.Scalar {
        switch scalar.value {
        case 0xFF01...0xFF5E: return Unicode.Scalar(scalar.value - 0xFEE0) ?? scalar
        case 0x1D400...0x1D6A3:
            let letter = (scalar.value - 0x1D400) % 52
            let base: UInt32 = letter < 26 ? 0x41 : 0x61 - 26
            return Unicode.Scalar(base + letter) ?? scalar
        case 0x1D7CE...0x1D7FF:
            return Unicode.Scalar(0x30 + (scalar.value - 0x1D7CE) % 10) ?? scalar
        case 0x24B6...0x24CF: return Unicode.Scalar(scalar.value - 0x24B6 + 0x61) ?? scalar
        case 0x24D0...0x24E9: return Unicode.Scalar(scalar.value - 0x24D0 + 0x61) ?? scalar
        default: return scalar
        }
    }

    private static let pairs: [(String, String)] = [("rn", "m"), ("vv", "w"), ("cl", "d")]

    private static func replace(_ pair: String, by one: String, in text: String) -> String {
        // The pairs are ASCII; where one stands, its bytes do.
        let bytes = Array(text.utf8)
        let sought = Array(pair.utf8)
        guard
            bytes.indices.dropLast().contains(where: {
                bytes[$0] == sought[0] && bytes[$0 + 1] == sought[1]
            })
        else { return text }
        var result = ""
        var rest = text[...]
        while let first = rest.first {
            if rest.hasPrefix(pair) {
                result += one
                rest = rest.dropFirst(pair.count)
            } else {
                result.append(first)
                rest = rest.dropFirst()
            }
        }
        return result
    }

    /// Characters that are commonly taken for a Latin letter or a digit.
    private static let lookalikes: [Unicode.Scalar: Unicode.Scalar] = {
        let rows: [(Unicode.Scalar, String)] = [
            ("a", "аАɑαΑ"), ("b", "вВΒЬь"), ("c", "сСϲⅽС"), ("d", "ԁⅾ"), ("e", "еЕΕ℮є"), ("f", "ƒ"),
            ("g", "ɡ"), ("h", "һнНΗ"), ("j", "јЈϳ"), ("k", "кКκΚ"),
            ("l", "iIl1|!ıіІιΙℓӏӀⅰⅼ"), ("m", "мМΜⅿ"), ("n", "ոΝ"), ("o", "0оОοΟօ"), ("p", "рРρΡ"),
            ("q", "ԛ"), ("r", "г"), ("s", "ѕЅ$"), ("t", "тТτΤ"), ("u", "υսц"), ("v", "νѵⅴ"),
            ("w", "ԝѡ"), ("x", "хХχΧⅹ"), ("y", "уУγΥү"), ("z", "Ζ"),
        ]
        var table: [Unicode.Scalar: Unicode.Scalar] = [:]
        for (latin, others) in rows {
            for scalar in others.unicodeScalars { table[scalar] = latin }
        }
        return table
    }()
}
