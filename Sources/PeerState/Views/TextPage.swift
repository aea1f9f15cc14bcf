/// Some messages of a channel or conversation, and what lies beyond them.
package struct TextPage: Hashable, Sendable {
    /// In display order; in order of arrival for `.arrived`.
    package var messages: [StoredMessage] = []
    package var hasMoreBefore = false
    package var hasMoreAfter = false
    /// Messages beyond the page in the direction of reading, at most `Limits.remainingMax`.
    package var remaining = 0

    package init() {}
}
