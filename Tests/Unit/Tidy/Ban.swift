import Foundation
import Testing

/// Code that must not appear in a group of files, and what to write in its place.
struct Ban: Sendable, CustomTestStringConvertible {
    let text: String
    let instead: String
    /// Whether the name may not follow `.`, a letter or `func `: a free function or a type.
    var isName = false
    /// Path prefixes where it is allowed.
    var except: [String] = []
    /// Whether a comment on the line or right above makes it acceptable.
    var isFineWithReason = false

    var testDescription: String { text }

    /// Every line of `files` that breaks the rule, as `path:line: code`.
    func findings(in files: [SourceFile]) -> [String] {
        var found: [String] = []
        for file in files where !except.contains(where: file.path.hasPrefix) {
            for (index, line) in file.code.enumerated() where matches(line) {
                if isFineWithReason && hasReason(file, index) { continue }
                let code = file.lines[index].trimmingPrefix { $0 == " " }
                found.append("\(file.place(index)): \(code)")
            }
        }
        return found
    }

    private func matches(_ line: Substring) -> Bool {
        guard let range = line.range(of: text) else { return false }
        guard isName else { return true }
        let before = line[..<range.lowerBound]
        guard let last = before.last else { return true }
        return !(last.isLetter || last.isNumber || "_.`".contains(last))
            && !before.hasSuffix("func ")
    }

    private func hasReason(_ file: SourceFile, _ index: Int) -> Bool {
        if file.lines[index].contains("//") { return true }
        return index > 0 && file.lines[index - 1].trimmingPrefix { $0 == " " }.hasPrefix("//")
    }
}
