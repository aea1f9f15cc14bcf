import Foundation
import Testing

/// Every row of SCENARIOS is a test that carries its id, or is named here with the reason.
@Suite struct ScenarioTests {
    /// What no single test of these folders can show, and where it is shown or why it is not.
    static let exceptions = [
        "S-223": "partial replicas are not built: a node holds a server whole or not at all",
        "S-281": "each test of Tests/Clients/test_conformance_*.py is one of these checks",
        "S-331": "`./dev bench`; the ratios and their bars are in docs/benchmarks.md",
        "S-332": "Tests/Simulate/mutations.py; what nobody notices is in docs/mutations.md",
    ]

    private static let page = DesignPage("SCENARIOS", rows: "S")

    /// Ids in the names of tests: `S-041` in Swift, `s041` in Python.
    private static func carried() -> Set<String> {
        var found: Set<String> = []
        for line in SourceTree.tests.flatMap(\.lines) {
            guard let name = line.components(separatedBy: "func `").dropFirst().first else {
                continue
            }
            found.formUnion(name.matches(of: /S-\d{3}/).map { String($0.output) })
        }
        for file in SourceTree.others where file.path.hasSuffix(".py") {
            for line in file.lines {
                guard let name = line.components(separatedBy: "def test_").dropFirst().first else {
                    continue
                }
                found.formUnion(name.matches(of: /s(\d{3})_/).map { "S-\($0.output.1)" })
            }
        }
        return found
    }

    @Test(.enabled(if: page != nil, "SCENARIOS is not beside this checkout"))
    func `each scenario has a test that carries its id, or a reason`() throws {
        let page = try #require(Self.page)
        #expect(page.ids.count > 200)
        page.expectCarried(Self.carried(), exceptions: Self.exceptions)
    }
}
