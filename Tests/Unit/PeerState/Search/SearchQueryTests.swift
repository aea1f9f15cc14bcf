import PeerState
import Testing

@Suite struct SearchQueryTests {
    @Test func `words, phrases, prefixes and exclusions`() {
        let query = SearchQuery(#"deploy "two words" roll* -old -"not this""#)
        #expect(
            query.terms == [
                SearchTerm("deploy"), SearchTerm("two words"), SearchTerm("roll", isPrefix: true),
                SearchTerm("old", isExcluded: true), SearchTerm("not this", isExcluded: true),
            ])
        #expect(query.operators.isEmpty)
        #expect(query.warnings.isEmpty)
    }

    @Test func `operators keep their value as typed, quoted or not`() {
        let query = SearchQuery(
            #"from:ann -from:"Bob B" in:#general since:2026-01-02 before:2h HAS:Link with:cy x"#)
        #expect(
            query.operators == [
                SearchOperator(.from, "ann"), SearchOperator(.from, "Bob B", isExcluded: true),
                SearchOperator(.in, "#general"), SearchOperator(.since, "2026-01-02"),
                SearchOperator(.before, "2h"), SearchOperator(.has, "link"),
                SearchOperator(.with, "cy"),
            ])
        #expect(query.terms == [SearchTerm("x")])
        #expect(query.warnings.isEmpty)
    }

    @Test(arguments: ["form:ann", "has:cheese", "from:", "-since:2h", "subject:hello"])
    func `what is no operator is text, and the result says so`(text: String) {
        let query = SearchQuery(text)
        #expect(query.operators.isEmpty)
        #expect(query.warnings.count == 1)
        #expect(query.terms.map { ($0.isExcluded ? "-" : "") + $0.text } == [text])
    }

    @Test(arguments: ["https://example.org/a?b", "12:30", "note:", ":colon", "a::b", "ünï:x"])
    func `colons of other things need no warning`(text: String) {
        let query = SearchQuery(text)
        #expect(query.operators.isEmpty)
        #expect(text == "a::b" || query.warnings.isEmpty)
        #expect(query.terms.map(\.text) == [text])
    }

    @Test func `bounds leave out what is beyond, with a warning`() {
        let many = SearchQuery((0..<100).map { "w\($0)" }.joined(separator: " "))
        #expect(many.terms.count == Limits.searchTerms)
        #expect(many.warnings.count == 1)
        let long = SearchQuery(String(repeating: "ü", count: 400))
        #expect(long.terms.map { $0.text.utf8.count } == [Limits.searchQueryBytes])
        #expect(long.warnings.count == 1)
    }

    @Test func `an operator whose value names nothing becomes text`() {
        var query = SearchQuery("from:nobody hello")
        query.demote(query.operators[0], "There is no nobody.")
        #expect(query.operators.isEmpty)
        #expect(query.terms.map(\.text) == ["hello", "from:nobody"])
        #expect(query.warnings == ["There is no nobody."])
    }
}
