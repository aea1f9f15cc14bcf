/// Some of what a search found, newest first.
package struct SearchPage: Hashable, Sendable {
    package var hits: [SearchHit] = []
    /// Where to go on; `nil` at the end. It stays good whatever is stored meanwhile.
    package var cursor: UInt64?
    /// Matches in all, counted up to `Limits.searchTotalMax`; only on a first page.
    package var total: Int?

    package init() {}
}
