import Foundation
import Testing

/// Pages that repeat what the code says must repeat it correctly.
@Suite struct DocumentTests {
    @Test func `every error code is in its table, and no other`() throws {
        let page = try #require(SourceTree.others.first { $0.path == "docs/errors.md" })
        let told = Set(page.lines.compactMap(Self.row))
        let enums = SourceTree.sources.filter { file in
            file.code.contains { $0.contains(": UInt16, FailureCode") }
        }
        let real = Set(enums.flatMap(\.code).compactMap(Self.code))
        #expect(real.count > 150)
        #expect(real.subtracting(told).sorted() == [], "missing in docs/errors.md")
        #expect(told.subtracting(real).sorted() == [], "in docs/errors.md, but in no enum")
    }

    @Test(arguments: ["README.md"]) func `fits on a few screens`(path: String) throws {
        let page = try #require(SourceTree.others.first { $0.path == path })
        #expect(page.lines.count < 200)
    }

    @Test func `links between pages lead somewhere`() {
        var broken: [String] = []
        for page in SourceTree.others where page.path.hasSuffix(".md") {
            let folder = SourceTree.root.appendingPathComponent(page.path)
                .deletingLastPathComponent()
            for (index, line) in page.lines.enumerated() {
                for target in Self.links(in: line)
                where !FileManager.default.fileExists(
                    atPath: folder.appendingPathComponent(target).path)
                {
                    broken.append("\(page.place(index)): \(target)")
                }
            }
        }
        #expect(broken == [])
    }

    /// `100 name` of a table row that begins with a number and a word in backticks.
    private static func row(_ line: Substring) -> String? {
        let cells = line.split(separator: "|").map { $0.trimmingCharacters(in: .whitespaces) }
        guard cells.count >= 3, let number = UInt16(cells[0]), cells[1].hasPrefix("`") else {
            return nil
        }
        return "\(number) \(cells[1].dropFirst().dropLast())"
    }

    /// `100 name` of a line such as `case name = 100`.
    private static func code(_ line: Substring) -> String? {
        let words = line.split(separator: " ")
        guard words.count == 4, words[0] == "case", words[2] == "=" else { return nil }
        return UInt16(words[3]).map { "\($0) \(words[1])" }
    }

    /// Relative targets of `[text](target)`.
    private static func links(in line: Substring) -> [String] {
        line.components(separatedBy: "](").dropFirst().compactMap { rest in
            let target = rest.prefix { $0 != ")" && $0 != "#" }
            return target.isEmpty || target.contains("://") ? nil : String(target)
        }
    }
}
