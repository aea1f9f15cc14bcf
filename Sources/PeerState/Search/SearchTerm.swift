/// One thing that must, or must not, stand in a text.
package struct SearchTerm: Hashable, Sendable {
    /// As typed, without quotes: one word, or several that stand in this order.
    package let text: String
    /// The last word may go on: `deploy*`.
    package var isPrefix = false
    /// It must not stand there: `-word`.
    package var isExcluded = false

    package init(_ text: String, isPrefix: Bool = false, isExcluded: Bool = false) {
        self.text = text
        self.isPrefix = isPrefix
        self.isExcluded = isExcluded
    }

    /// Whether the index knows it; a sign such as an emoji is looked for in the text itself.
    var isIndexed: Bool {
        text.unicodeScalars.contains { scalar in
            switch scalar.properties.generalCategory {
            case .uppercaseLetter, .lowercaseLetter, .titlecaseLetter, .modifierLetter,
                .otherLetter, .decimalNumber, .letterNumber, .otherNumber, .privateUse:
                true
            default: false
            }
        }
    }
}
