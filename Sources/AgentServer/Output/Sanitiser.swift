import PeerState

/// Takes out of foreign text what could disguise it or pass as something else.
///
/// - Source: MCP 8.4. Stored events are untouched.
package enum Sanitiser {
    /// For message texts: line breaks stay, and lines that imitate frames are marked.
    package static func text(_ text: String) -> String {
        let cleaned = isPlain(text) ? text : cleaned(text)
        let lines = cleaned.split(separator: "\n", omittingEmptySubsequences: false)
        guard lines.contains(where: imitatesFrame) else { return cleaned }
        return lines.map { imitatesFrame($0) ? "·" + $0 : String($0) }.joined(separator: "\n")
    }

    /// For names of any kind: one line of bounded length.
    package static func name(_ name: String, _ limit: Int = Limits.shownName) -> String {
        var result = text(name)
        if result.utf8.contains(where: { $0 == 0x0A || $0 == 0x09 }) {
            result = String(result.map { $0 == "\n" || $0 == "\t" ? " " : $0 })
        }
        return result.count <= limit ? result : String(result.prefix(limit - 1)) + "…"
    }

    /// For a channel's name among facts, where a caller takes it from for its next call: one line,
    /// and whole.
    package static func channel(_ name: String) -> String { self.name(name, Limits.shownChannel) }

    /// Cuts at a character so that at most `bytes` of UTF-8 remain.
    package static func cut(_ text: String, bytes: Int) -> (text: String, isCut: Bool) {
        guard text.utf8.count > bytes else { return (text, false) }
        var kept = 0
        var end = text.startIndex
        while end < text.endIndex {
            let next = text.index(after: end)
            kept += text.utf8.distance(from: end, to: next)
            guard kept <= bytes else { break }
            end = next
        }
        return (String(text[..<end]), true)
    }

    /// Printable ASCII, tabs and line breaks need no closer look.
    private static func isPlain(_ text: String) -> Bool {
        text.utf8.allSatisfy { (0x20..<0x7F).contains($0) || $0 == 0x0A || $0 == 0x09 }
    }

    private static func imitatesFrame(_ line: Substring) -> Bool {
        let start = line.drop { $0 == " " || $0 == "\t" }
        if start.hasPrefix("<<<") || start.hasPrefix("[m:") { return true }
        guard let colon = start.utf8.firstIndex(of: UInt8(ascii: ":")) else { return false }
        let word = start[..<colon]
        guard word.utf8.count <= 12 else { return false }
        return roles.contains(word.lowercased().filter { $0 != " " && $0 != "\t" })
    }

    private static let roles: Set<String> = [
        "system", "user", "assistant", "human", "developer", "tool", "function", "ai",
    ]

    private static func cleaned(_ text: String) -> String {
        let scalars = Array(text.unicodeScalars)
        var result = String.UnicodeScalarView()
        var marks = 0
        for (index, scalar) in scalars.enumerated() {
            let next = index + 1 < scalars.count ? scalars[index + 1] : nil
            switch scalar.treatment(after: result.last, before: next) {
            case .keep:
                marks = 0
                result.append(scalar)
            case .attach: result.append(scalar)
            case .mark:
                marks += 1
                if marks <= Limits.shownMarks { result.append(scalar) }
            case .remove: break
            case .replace(let text):
                marks = 0
                result.append(contentsOf: text.unicodeScalars)
            }
        }
        return String(result)
    }
}
