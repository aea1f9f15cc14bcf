import Testing

/// Shows that each rule of the tidy test finds what it is meant to find, and nothing else.
@Suite struct TidyRuleTests {
    let rules = TidyTests()

    private func file(_ contents: String) -> SourceFile {
        SourceFile(path: "Sources/PeerState/Example.swift", contents: contents)
    }

    @Test func `comments and strings are not code`() {
        let source = file(
            """
            let a = "try! \\"quoted\\" here"  // fatalError(
            let b = call()
            let c = \"""
                try! inside
                \"""
            let d = 4
            """)
        #expect(source.code.count == source.lines.count)
        #expect(!source.code.contains { $0.contains("try!") || $0.contains("fatalError") })
        #expect(source.code[1] == "let b = call()")
        #expect(source.code[5] == "let d = 4")
    }

    @Test(arguments: [
        ("let a = value!", true), ("let a: Int!", true), ("array[0]!.name", true),
        ("call()!", true), ("guard !isOpen else {", false), ("a != b", false),
        ("if a || !b {", false), ("try! run()", false), ("[!a, !b]", false),
    ])
    func `force unwraps are told from negations`(code: String, isForced: Bool) {
        #expect(TidyTests.unwrapsByForce(code[...]) == isForced)
    }

    @Test(arguments: [
        ("print(1)", true), ("    print(1)", true), ("output.print(1)", false),
        ("func print(_ text: String) {", false), ("debugPrint(1)", false),
    ])
    func `a banned name is the name itself`(code: String, isFound: Bool) {
        let ban = Ban(text: "print(", instead: "Log", isName: true)
        #expect(ban.findings(in: [file(code)]).isEmpty == !isFound)
    }

    @Test func `a reason lifts a ban that allows one`() {
        let ban = Ban(text: "try?", instead: "", isName: true, isFineWithReason: true)
        #expect(
            ban.findings(in: [file("try? close()")]) == [
                "Sources/PeerState/Example.swift:1: try? close()"
            ])
        #expect(ban.findings(in: [file("let a: Entry? = nil")]).isEmpty)
        #expect(ban.findings(in: [file("// Closing twice is harmless.\ntry? close()")]).isEmpty)
    }

    @Test func `functions end at their own brace`() {
        let source = file(
            """
            struct Example {
                var count: Int {
                    1
                }

                func first(
                    a: Int
                ) -> Int {
                    if a > 0 {
                        return 1
                    }
                    return 2
                }
                func bodiless()
            }
            """)
        let found = rules.functions(in: source)
        #expect(found.map(\.start) == [1, 5])
        #expect(found.map(\.lines) == [3, 8])
    }

    @Test func `a safety line may have attributes and comments below it`() {
        let told = file("// SAFETY: written once.\n// More.\nfinal class A: @unchecked Sendable {}")
        let untold = file("// SAFETY: other.\nlet a = 1\nfinal class A: @unchecked Sendable {}")
        #expect(rules.hasSafetyLine(told, above: 2))
        #expect(!rules.hasSafetyLine(untold, above: 2))
    }

    @Test(arguments: [
        ("import CLibuv", "CLibuv"), ("package import PeerNet", "PeerNet"),
        ("import struct Foundation.Data", "Foundation"), ("let x = 1", nil),
    ])
    func `imports are read with any access level`(code: String, module: String?) {
        #expect(TidyTests.importedModule(code[...]).map(String.init) == module)
    }
}
