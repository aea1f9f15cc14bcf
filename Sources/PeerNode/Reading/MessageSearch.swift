package import PeerState

/// Some of what a search found, newest first.
package struct MessageSearch: Sendable {
    package var hits: [(message: MessageSnapshot, snippet: SearchHit.Snippet)]
    /// Where to go on; `nil` at the end.
    package var cursor: UInt64?
    /// Matches in all, counted up to `Limits.searchTotalMax`; only on a first page.
    package var total: Int?
}
