/// Makes text that others wrote safe for a terminal.
///
/// The node has cleaned it already; this is what keeps a terminal safe from whatever was missed.
package enum TerminalText {
    /// One line: controls, line breaks and marks of direction become visible.
    package static func line(_ text: String) -> String { shown(text, keepsLines: false) }

    /// Several lines, each after the first behind `indent`.
    package static func body(_ text: String, indent: String) -> String {
        shown(text, keepsLines: true)
            .split(separator: "\n", omittingEmptySubsequences: false)
            .joined(separator: "\n" + indent)
    }

    private static func shown(_ text: String, keepsLines: Bool) -> String {
        var result = ""
        for scalar in text.unicodeScalars {
            switch scalar.properties.generalCategory {
            case .control where scalar == "\n" && keepsLines: result += "\n"
            case .control where scalar == "\t": result += "    "
            // Joins the parts of one emoji and moves nothing.
            case .format where scalar.value == 0x200D: result.unicodeScalars.append(scalar)
            case .control, .format, .lineSeparator, .paragraphSeparator, .surrogate:
                result += "\\u{\(String(scalar.value, radix: 16))}"
            default: result.unicodeScalars.append(scalar)
            }
        }
        return result
    }

    /// Columns a terminal needs for a text: marks take none, wide letters and emoji two.
    package static func columns(_ text: some StringProtocol) -> Int {
        text.reduce(0) { $0 + columns($1) }
    }

    package static func columns(_ character: Character) -> Int {
        guard let first = character.unicodeScalars.first else { return 0 }
        switch first.properties.generalCategory {
        case .nonspacingMark, .enclosingMark, .control, .format: return 0
        default: break
        }
        let isEmoji =
            first.properties.isEmojiPresentation
            || character.unicodeScalars.contains { $0.value == 0xFE0F }
        return isEmoji || isWide(first.value) ? 2 : 1
    }

    /// - Source: Unicode, East Asian Width W and F, by their large blocks.
    private static func isWide(_ value: UInt32) -> Bool {
        switch value {
        case 0x1100...0x115F, 0x2E80...0x303E, 0x3041...0xA4CF, 0xAC00...0xD7A3,
            0xF900...0xFAFF, 0xFE30...0xFE6F, 0xFF00...0xFF60, 0xFFE0...0xFFE6,
            0x20000...0x3FFFD:
            true
        default: false
        }
    }
}
