/// The rule for names of files: what reads as one name in one folder, and as nothing else.
package enum FileName {
    /// - Errors: `badText` saying what is wrong; nothing is replaced silently.
    package static func check(_ name: String) throws(Failure<WireCode>) {
        try checkShape(name)
        guard !name.unicodeScalars.contains(where: isHidden) else {
            throw Failure(.badText, "a file name holds a control or direction character")
        }
    }

    /// The part that every peer checks (PROTOCOL 4.7).
    static func checkShape(_ name: String) throws(Failure<WireCode>) {
        guard (1...Limits.fileName).contains(name.utf8.count) else {
            throw Failure(.badText, "a file name has 1 to \(Limits.fileName) bytes")
        }
        guard name != ".", name != ".." else {
            throw Failure(.badText, "a file name that names a folder")
        }
        let separators: Set<UInt8> = [0, UInt8(ascii: "/"), UInt8(ascii: "\\")]
        guard !name.utf8.contains(where: separators.contains) else {
            throw Failure(.badText, "a file name holds /, \\ or NUL")
        }
    }

    /// A name under which a file of somebody else may be written into a folder.
    ///
    /// Control and direction characters go, and leading dots, which hide a file or name a folder.
    package static func safe(_ name: String) -> String {
        var result = String.UnicodeScalarView()
        for scalar in name.unicodeScalars where !isHidden(scalar) {
            result.append(scalar == "/" || scalar == "\\" ? "_" : scalar)
        }
        var text = Substring(String(result))
        while let first = text.first, first == "." || first == " " || first == "-" {
            text = text.dropFirst()
        }
        while text.utf8.count > Limits.fileName { text = text.dropLast() }
        return text.isEmpty ? "file" : String(text)
    }

    private static func isHidden(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.value {
        case 0...0x1F, 0x7F...0x9F, 0x200B...0x200F, 0x2028...0x202E, 0x2060...0x206F, 0xFEFF: true
        default: false
        }
    }
}
