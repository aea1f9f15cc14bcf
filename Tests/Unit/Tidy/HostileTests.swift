import Testing

/// Every row of HOSTILE section 3 is a test that carries its id.
@Suite struct HostileTests {
    private static let page = DesignPage("HOSTILE", rows: "H")

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
    func `each bad input has a test that carries its id`() throws {
        let page = try #require(Self.page)
        #expect(page.ids.count > 100)
        page.expectCarried(Self.carried(), exceptions: [:])
    }
}
