/// Cuts what a person typed into words, phrases and operators.
struct SearchScanner {
    struct Piece: Hashable {
        /// What stands before the colon.
        var name: String?
        var text = ""
        var isPrefix = false
        var isExcluded = false
    }

    private var rest: Substring

    init(_ text: String) {
        rest = text[...]
    }

    /// `nil` at the end. A quote that is never closed ends with the text.
    mutating func next() -> Piece? {
        rest = rest.drop { $0.isWhitespace || Self.isForbidden($0) }
        guard !rest.isEmpty else { return nil }
        var piece = Piece()
        if rest.first == "-", let after = rest.dropFirst().first, !after.isWhitespace {
            piece.isExcluded = true
            rest.removeFirst()
        }
        if rest.first == "\"" {
            piece.text = quoted()
        } else {
            word(&piece)
        }
        if rest.first == "*" {
            piece.isPrefix = true
            rest = rest.drop { $0 == "*" }
        }
        return piece
    }

    private mutating func word(_ piece: inout Piece) {
        let end = rest.firstIndex { $0.isWhitespace || $0 == "\"" } ?? rest.endIndex
        let word = rest[..<end]
        if let colon = word.firstIndex(of: ":"), colon != word.startIndex {
            piece.name = word[..<colon].filter { !Self.isForbidden($0) }
            rest = rest[rest.index(after: colon)...]
            piece.text = rest.first == "\"" ? quoted() : plain()
        } else {
            piece.text = plain()
        }
        guard piece.text.hasSuffix("*") else { return }
        piece.isPrefix = true
        while piece.text.hasSuffix("*") { piece.text.removeLast() }
    }

    private mutating func plain() -> String {
        let end = rest.firstIndex { $0.isWhitespace || $0 == "\"" } ?? rest.endIndex
        defer { rest = rest[end...] }
        return rest[..<end].filter { !Self.isForbidden($0) }
    }

    private mutating func quoted() -> String {
        rest.removeFirst()
        let end = rest.firstIndex(of: "\"") ?? rest.endIndex
        defer { rest = rest[end...].dropFirst() }
        return rest[..<end].filter { !Self.isForbidden($0) }
    }

    /// Control characters, of which NUL would end the text for SQLite.
    private static func isForbidden(_ character: Character) -> Bool {
        !character.isWhitespace && character.unicodeScalars.allSatisfy { $0.value < 0x20 }
    }
}
