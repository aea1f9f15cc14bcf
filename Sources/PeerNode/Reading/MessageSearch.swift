package import PeerState

/// Some of what a search found, newest first.
package struct MessageSearch: Sendable {
    package struct Hit: Sendable {
        package let message: MessageSnapshot
        package let snippet: SearchHit.Snippet
        /// As a cursor: what comes after it.
        package let place: UInt64

        package init(message: MessageSnapshot, snippet: SearchHit.Snippet, place: UInt64) {
            self.message = message
            self.snippet = snippet
            self.place = place
        }
    }

    package var hits: [Hit]
    /// Where to go on; `nil` at the end.
    package var cursor: UInt64?
    /// Matches in all, counted up to `Limits.searchTotalMax`; only on a first page.
    package var total: Int?

    package init(hits: [Hit], cursor: UInt64?, total: Int?) {
        self.hits = hits
        self.cursor = cursor
        self.total = total
    }
}
