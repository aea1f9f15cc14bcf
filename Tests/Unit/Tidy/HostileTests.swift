import Foundation
import Testing

/// Every row of HOSTILE section 3 is a test that carries its id, or is named with the reason.
@Suite struct HostileTests {
    private static let page: String? = {
        let shared =
            ProcessInfo.processInfo.environment["PEER_SHARED"].map { URL(filePath: $0) }
            ?? SourceTree.root.deletingLastPathComponent().appending(path: "shared")
        let file = shared.appending(path: "design/HOSTILE.md")
        return FileManager.default.contents(atPath: file.path)
            .map { String(decoding: $0, as: UTF8.self) }
    }()

    private static func rows(of page: String) -> Set<String> {
        Set(
            page.split(separator: "\n").filter { $0.hasPrefix("| H-") }
                .map { String($0.dropFirst(2).prefix(5)) })
    }

    /// Ids in the names of tests, and in the comments right above them: `H-041` in Swift and in
    /// comments, `h041` in the names of Python.
    private static func carried() -> Set<String> {
        var found: Set<String> = []
        for file in SourceTree.tests + SourceTree.others.filter({ $0.path.hasSuffix(".py") }) {
            var comment: Set<String> = []
            for line in file.lines {
                let text = line.trimmingPrefix { $0 == " " }
                let ids = Set(text.matches(of: /H-\d{3}/).map { String($0.output) })
                if text.hasPrefix("///") || text.hasPrefix("#") {
                    comment.formUnion(ids)
                } else if text.contains("func `") || text.hasPrefix("def test_") {
                    let short = text.matches(of: /h(\d{3})_/).map { "H-\($0.output.1)" }
                    found.formUnion(ids.union(comment).union(short))
                    comment = []
                } else if !text.hasPrefix("@Test") && !text.hasPrefix("func ") {
                    comment = []
                }
            }
        }
        return found
    }

    @Test(.enabled(if: page != nil, "HOSTILE is not beside this checkout"))
    func `each bad input has a test that carries its id, or a reason`() throws {
        let rows = Self.rows(of: try #require(Self.page))
        #expect(rows.count > 100)
        let carried = Self.carried()
        let excepted = Set(HostileRows.exceptions.keys)
        #expect(rows.subtracting(carried).subtracting(excepted).sorted() == [], "without a test")
        #expect(carried.subtracting(rows).sorted() == [], "of no row")
        #expect(excepted.subtracting(rows).sorted() == [], "excepted, and no row")
        #expect(excepted.intersection(carried).sorted() == [], "excepted, and has a test")
    }
}
