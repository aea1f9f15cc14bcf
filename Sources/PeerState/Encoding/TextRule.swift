/// Which characters a text field of an event may hold, beyond being UTF-8 within its cap.
///
/// - Source: PROTOCOL 2, "Text fields of events".
package enum TextRule {
    /// No control characters.
    case plain
    /// No control characters but line feed and tab.
    case multiline
    /// Plain, not empty, no bidi override or isolate, no space at either end.
    case name

    /// - Errors: `badText`, naming the field.
    package func check(_ text: String, _ field: String) throws(Failure<WireCode>) {
        for scalar in text.unicodeScalars where isForbidden(scalar.value) {
            throw Failure(.badText, "\(field) holds U+\(String(scalar.value, radix: 16))")
        }
        guard self == .name else { return }
        guard let first = text.unicodeScalars.first, let last = text.unicodeScalars.last else {
            throw Failure(.badText, "\(field) is empty")
        }
        if Self.isSpace(first.value) || Self.isSpace(last.value) {
            throw Failure(.badText, "\(field) begins or ends with a space")
        }
    }

    /// A text without what the rule excludes anywhere in it; for sealed ones, never refused.
    package func stripped(_ text: String) -> String {
        guard text.unicodeScalars.contains(where: { isForbidden($0.value) }) else { return text }
        var kept = String.UnicodeScalarView()
        kept.append(contentsOf: text.unicodeScalars.lazy.filter { !isForbidden($0.value) })
        return String(kept)
    }

    private func isForbidden(_ value: UInt32) -> Bool {
        switch value {
        case 0x09, 0x0a: self != .multiline
        case 0x00...0x1f, 0x7f...0x9f: true
        case 0x202a...0x202e, 0x2066...0x2069: self == .name
        default: false
        }
    }

    private static func isSpace(_ value: UInt32) -> Bool {
        switch value {
        case 0x20, 0xa0, 0x1680, 0x2000...0x200a, 0x2028, 0x2029, 0x202f, 0x205f, 0x3000: true
        default: false
        }
    }
}
