import Foundation
import Testing

extension TidyTests {
    /// Fails with every line of `files` for which `isWrong` holds.
    func report(
        _ files: [SourceFile], _ what: String, _ isWrong: (SourceFile, Int) -> Bool,
        from location: SourceLocation = #_sourceLocation
    ) {
        let found = files.flatMap { file in
            file.lines.indices.filter { isWrong(file, $0) }.map { index in
                "\(file.place(index)): \(file.lines[index].trimmingPrefix { $0 == " " })"
            }
        }
        expectNone(found, what, from: location)
    }

    /// Fails with the list, at most the first 40.
    func expectNone(
        _ found: [String], _ what: String, from location: SourceLocation = #_sourceLocation
    ) {
        guard !found.isEmpty else { return }
        let list = found.prefix(40).joined(separator: "\n")
        Issue.record("\(found.count) × \(what):\n\(list)", sourceLocation: location)
    }

    /// A declaration with a body and how many lines it takes, its braces included.
    ///
    /// The formatter puts the closing brace at the column of the declaration, so indentation is
    /// enough to find it.
    func functions(in file: SourceFile) -> [(start: Int, lines: Int)] {
        file.code.indices.filter { Self.beginsFunction(file.code[$0]) }.compactMap { start in
            let column = file.code[start].prefix { $0 == " " }.count
            var index = start
            while index < file.code.count {
                let line = file.code[index]
                let isOutside =
                    !line.allSatisfy { $0 == " " } && line.prefix { $0 == " " }.count <= column
                if index > start && isOutside && !line.contains("{") {
                    let ends = line.dropFirst(column).hasPrefix("}")
                    return ends ? (start, index - start + 1) : nil
                }
                index += 1
            }
            return nil
        }
    }

    /// Whether the comment lines right above, or the line itself, say `SAFETY:`.
    func hasSafetyLine(_ file: SourceFile, above index: Int) -> Bool {
        var line = index
        repeat {
            if file.lines[line].contains("// SAFETY:") { return true }
            line -= 1
        } while line >= 0 && file.code[line].allSatisfy { $0 == " " } && !file.lines[line].isEmpty
        return false
    }

    static func promisesSafety(_ code: Substring) -> Bool {
        code.contains("@unchecked Sendable") || code.contains("nonisolated(unsafe)")
    }

    /// The module named by an import line, whatever access level it has.
    static func importedModule(_ code: Substring) -> Substring? {
        let words = code.split(separator: " ")
        guard let at = words.firstIndex(of: "import"), at + 1 < words.count, at <= 2 else {
            return nil
        }
        return words.last?.split(separator: ".").first
    }

    /// An exclamation mark right after an expression or a type, as in `value!` and `Int!`.
    static func unwrapsByForce(_ code: Substring) -> Bool {
        guard code.contains("!") else { return false }
        var previous: Character = " "
        for (index, character) in zip(code.indices, code) {
            defer { previous = character }
            guard character == "!" else { continue }
            let followsValue =
                previous.isLetter || previous.isNumber || "_)]}?\"`".contains(previous)
            let isKeyword = code[..<index].hasSuffix("try") || code[..<index].hasSuffix(" as")
            if followsValue && !isKeyword { return true }
        }
        return false
    }

    private static func beginsFunction(_ code: Substring) -> Bool {
        let words = code.split(separator: " ", maxSplits: 8)
        for word in words {
            if word == "func" || word == "deinit" || word == "subscript" { return true }
            if word == "init" || word.hasPrefix("init(") || word.hasPrefix("init?(")
                || word.hasPrefix("init<") || word.hasPrefix("subscript(")
            {
                return true
            }
            let isModifier = Self.modifiers.contains(word) || word.hasPrefix("@")
            if !isModifier { return word == "var" && code.hasSuffix("{") }
        }
        return false
    }

    private static let modifiers: Set<Substring> = [
        "package", "private", "fileprivate", "internal", "public", "static", "final", "class",
        "override", "mutating", "nonmutating", "consuming", "borrowing", "nonisolated", "isolated",
        "required", "convenience", "lazy", "async", "nonisolated(unsafe)",
        "nonisolated(nonsending)",
    ]
}
