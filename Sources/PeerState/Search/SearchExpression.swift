/// A search in the language of the full-text index, with nothing of the user's outside quotes.
struct SearchExpression {
    let text: String
    /// Whether a word stands in it, so that there is something to mark.
    let hasWords: Bool

    /// - Parameters:
    ///   - facets: alternatives, one set after the other; of each set one must hold.
    ///   - excludedFacets: of which none may hold.
    init(_ terms: [SearchTerm], facets: [[String]], excludedFacets: [String]) {
        let indexed = terms.filter(\.isIndexed)
        let wanted = indexed.filter { !$0.isExcluded }.map { "(text : \(Self.quoted($0)))" }
        let conditions = facets.map { "(facets : (\($0.joined(separator: " OR "))))" }
        var text = (wanted + conditions).joined(separator: " AND ")
        for term in indexed where term.isExcluded { text += " NOT (text : \(Self.quoted(term)))" }
        for facet in excludedFacets { text += " NOT (facets : \(facet))" }
        self.text = text
        hasWords = !wanted.isEmpty
    }

    private static func quoted(_ term: SearchTerm) -> String {
        // By scalars: a quote with an accent on it is one character, but for the index a quote.
        var text = "\"".unicodeScalars
        for scalar in term.text.unicodeScalars where scalar.value != 0 {
            text.append(scalar)
            if scalar == "\"" { text.append(scalar) }
        }
        text.append("\"")
        return String(text) + (term.isPrefix ? " *" : "")
    }
}
