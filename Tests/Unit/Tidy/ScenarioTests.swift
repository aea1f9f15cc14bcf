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

    private static let page: String? = {
        let shared =
            ProcessInfo.processInfo.environment["PEER_SHARED"].map { URL(filePath: $0) }
            ?? SourceTree.root.deletingLastPathComponent().appending(path: "shared")
        let file = shared.appending(path: "design/SCENARIOS.md")
        return FileManager.default.contents(atPath: file.path)
            .map { String(decoding: $0, as: UTF8.self) }
    }()

    /// Ids of the rows, not those that other rows speak of.
    private static func rows(of page: String) -> Set<String> {
        Set(
            page.split(separator: "\n").filter { $0.hasPrefix("| S-") }
                .map { String($0.dropFirst(2).prefix(5)) })
    }

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
        let rows = Self.rows(of: try #require(Self.page))
        #expect(rows.count > 200)
        let (carried, excepted) = (Self.carried(), Set(Self.exceptions.keys))
        #expect(rows.subtracting(carried).subtracting(excepted).sorted() == [], "without a test")
        #expect(carried.subtracting(rows).sorted() == [], "of no scenario")
        #expect(excepted.subtracting(rows).sorted() == [], "excepted, and no scenario")
        #expect(excepted.intersection(carried).sorted() == [], "excepted, and has a test")
    }
}
