/// What a person typed into a search, understood; every text is a valid query.
package struct SearchQuery: Hashable, Sendable {
    package var terms: [SearchTerm] = []
    package var operators: [SearchOperator] = []
    /// What was not taken as it may have been meant, in sentences for people.
    package var warnings: [String] = []

    package init() {}

    package var isEmpty: Bool { terms.isEmpty && operators.isEmpty }

    /// Looks for an operator's text after all, because its value names nothing.
    package mutating func demote(_ item: SearchOperator, _ warning: String) {
        operators.removeAll { $0 == item }
        terms.append(
            SearchTerm("\(item.kind.rawValue):\(item.value)", isExcluded: item.isExcluded))
        warnings.append(warning)
    }
}
