/// What becomes of one character of foreign text.
enum ScalarTreatment {
    case keep
    /// Kept as part of the character before it.
    case attach
    /// A combining mark, of which only a few stay.
    case mark
    case remove
    case replace(String)
}

extension Unicode.Scalar {
    /// Applies the table of MCP 8.4.
    ///
    /// - Parameter last: what was kept before it.
    func treatment(after last: Unicode.Scalar?, before next: Unicode.Scalar?) -> ScalarTreatment {
        switch value {
        case 0x09, 0x0A: return .keep
        case 0..<0x20, 0x7F...0x9F: return .remove
        case 0x2028, 0x2029: return .replace("\n")
        case 0x202A...0x202E, 0x2066...0x2069, 0x200E, 0x200F, 0x061C:
            return .replace("⟨bidi⟩")
        case 0x200D:
            let joins = (last?.endsEmoji ?? false) && (next?.isPictograph ?? false)
            return joins ? .attach : .remove
        case 0x200B, 0x200C, 0x2060, 0xFEFF, 0xE0000...0xE007F: return .remove
        case 0xFE00...0xFE0F, 0xE0100...0xE01EF:
            return (last?.takesVariation ?? false) ? .attach : .remove
        case 0xFDD0...0xFDEF: return .replace("\u{FFFD}")
        default: break
        }
        if value & 0xFFFE == 0xFFFE { return .replace("\u{FFFD}") }
        switch properties.generalCategory {
        case .nonspacingMark, .enclosingMark: return .mark
        default: return .keep
        }
    }

    /// An emoji by itself, which digits and `#` are not.
    private var isPictograph: Bool { value > 0xFF && properties.isEmoji }

    private var endsEmoji: Bool {
        isPictograph || value == 0xFE0F || properties.isEmojiModifier
    }

    private var takesVariation: Bool { properties.isEmoji || properties.isUnifiedIdeograph }
}
