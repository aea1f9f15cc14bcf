import Foundation

/// A text file of the project, read once and cut into lines.
///
/// `code` is the file with comments and the contents of string literals blanked out, so that a
/// search in it finds calls and not words about them. Interpolated code is blanked, too.
struct SourceFile: Sendable {
    /// Path from the package root, with `/`.
    let path: String
    let lines: [Substring]
    let code: [Substring]

    init(path: String, contents: String) {
        self.path = path
        lines = contents.split(separator: "\n", omittingEmptySubsequences: false).dropLastEmpty()
        let blanked = path.hasSuffix(".swift") ? Self.blank(Array(contents.utf8)) : contents
        code = blanked.split(separator: "\n", omittingEmptySubsequences: false).dropLastEmpty()
    }

    /// The folder below `Sources`, which is the module's name.
    var module: Substring? {
        let parts = path.split(separator: "/")
        return parts.first == "Sources" && parts.count > 2 ? parts[1] : nil
    }

    func place(_ index: Int) -> String { "\(path):\(index + 1)" }

    private enum Mode { case code, comment, text, longText }

    /// Replaces what is not code by spaces and keeps every line break.
    ///
    /// Raw strings are read as ordinary ones; the formatter forbids block comments.
    private static func blank(_ bytes: [UInt8]) -> String {
        var out = bytes
        var mode = Mode.code
        var index = 0
        while index < bytes.count {
            let byte = bytes[index]
            let isTriple = byte == quote && bytes[index...].starts(with: [quote, quote, quote])
            switch mode {
            case .code:
                if byte == slash && bytes[index...].starts(with: [slash, slash]) {
                    mode = .comment
                    continue
                }
                if byte == quote { mode = isTriple ? .longText : .text }
                if isTriple { index += 2 }
            case .comment:
                if byte == newline { mode = .code } else { out[index] = space }
            case .text, .longText:
                if byte == backslash && index + 1 < bytes.count {
                    out[index] = space
                    index += 1
                    if bytes[index] != newline { out[index] = space }
                } else if mode == .longText ? isTriple : byte == quote || byte == newline {
                    if mode == .longText { index += 2 }
                    mode = .code
                } else if byte != newline {
                    out[index] = space
                }
            }
            index += 1
        }
        return String(decoding: out, as: UTF8.self)
    }

    private static let quote = UInt8(ascii: "\"")
    private static let slash = UInt8(ascii: "/")
    private static let backslash = UInt8(ascii: "\\")
    private static let newline = UInt8(ascii: "\n")
    private static let space = UInt8(ascii: " ")
}

extension [Substring] {
    /// The last line break ends a line; it does not begin another.
    fileprivate func dropLastEmpty() -> [Substring] {
        last?.isEmpty == true ? Array(dropLast()) : self
    }
}
