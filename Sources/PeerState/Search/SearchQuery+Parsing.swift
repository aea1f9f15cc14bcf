extension SearchQuery {
    /// Understands words, `"phrases"`, `word*`, `-word` and `operator:value`.
    ///
    /// An operator that is not known, or whose value is not, is searched as text with a warning.
    /// - Bounds: `Limits.searchQueryBytes` and `Limits.searchTerms`; what is beyond is left out
    ///   with a warning.
    /// - Source: MCP 3.3 (`search_messages`), SCENARIOS S-165.
    package init(_ text: String) {
        var scanner = SearchScanner(Self.bounded(text, &warnings))
        while let piece = scanner.next() {
            guard terms.count + operators.count < Limits.searchTerms else {
                warnings.append("Only the first \(Limits.searchTerms) terms are searched.")
                break
            }
            add(piece)
        }
    }

    private static func bounded(_ text: String, _ warnings: inout [String]) -> String {
        guard text.utf8.count > Limits.searchQueryBytes else { return text }
        warnings.append("Only the first \(Limits.searchQueryBytes) bytes are searched.")
        var end = text.startIndex
        var count = 0
        for index in text.indices {
            count += text[index].utf8.count
            guard count <= Limits.searchQueryBytes else { break }
            end = text.index(after: index)
        }
        return String(text[..<end])
    }

    private mutating func add(_ piece: SearchScanner.Piece) {
        guard let name = piece.name else { return addTerm(piece) }
        guard let kind = SearchOperator.Kind(rawValue: name.lowercased()) else {
            if Self.looksLikeOperator(name, piece.text) {
                let known = SearchOperator.Kind.allCases.map { $0.rawValue + ":" }
                warnings.append(
                    "\(name): is not an operator, it was searched as text; "
                        + "there are \(known.joined(separator: " ")).")
            }
            return addAsText(name, piece)
        }
        if let problem = Self.problem(kind, piece) {
            warnings.append("\(problem) It was searched as text.")
            return addAsText(name, piece)
        }
        let value = kind == .has ? piece.text.lowercased() : piece.text
        operators.append(SearchOperator(kind, value, isExcluded: piece.isExcluded))
    }

    /// A web address or a time of day is not meant as an operator.
    private static func looksLikeOperator(_ name: String, _ value: String) -> Bool {
        !value.isEmpty && !value.hasPrefix("//")
            && name.utf8.allSatisfy { (97...122).contains($0 | 0x20) }
    }

    private static func problem(
        _ kind: SearchOperator.Kind, _ piece: SearchScanner.Piece
    ) -> String? {
        if piece.text.isEmpty { return "\(kind.rawValue): needs a value." }
        switch kind {
        case .since, .before, .with:
            return piece.isExcluded ? "-\(kind.rawValue): does not exist." : nil
        case .has where !SearchOperator.features.contains(piece.text.lowercased()):
            return "has: takes \(SearchOperator.features.joined(separator: ", "))."
        case .from, .in, .has: return nil
        }
    }

    private mutating func addAsText(_ name: String, _ piece: SearchScanner.Piece) {
        var piece = piece
        piece.text = "\(name):\(piece.text)"
        piece.name = nil
        addTerm(piece)
    }

    private mutating func addTerm(_ piece: SearchScanner.Piece) {
        guard !piece.text.isEmpty else { return }
        terms.append(
            SearchTerm(piece.text, isPrefix: piece.isPrefix, isExcluded: piece.isExcluded))
    }
}
