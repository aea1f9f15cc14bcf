/// One message that was found.
package struct SearchHit: Hashable, Sendable {
    package let message: StoredMessage
    package let snippet: Snippet
    /// As a cursor: what comes after it.
    package let place: UInt64

    /// The part of a text in which the words stand.
    package struct Snippet: Hashable, Sendable {
        package let text: String
        /// What matched, in bytes of `text` as UTF-8, ascending and disjoint.
        package let ranges: [Range<Int>]

        package init(text: String, ranges: [Range<Int>]) {
            self.text = text
            self.ranges = ranges
        }
    }
}
