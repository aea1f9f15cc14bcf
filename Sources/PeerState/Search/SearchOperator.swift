/// A condition on a message rather than on its words, such as `from:ann`.
package struct SearchOperator: Hashable, Sendable {
    package enum Kind: String, Hashable, Sendable, CaseIterable {
        case from, `in`, since, before, has, with
    }

    package let kind: Kind
    /// As typed; the caller knows people, channels and times.
    package let value: String
    /// `-from:`, `-in:` and `-has:`; the others cannot be turned round.
    package var isExcluded = false

    package init(_ kind: Kind, _ value: String, isExcluded: Bool = false) {
        self.kind = kind
        self.value = value
        self.isExcluded = isExcluded
    }

    /// What `has:` may name.
    package static let features = ["file", "link", "mention"]
}
