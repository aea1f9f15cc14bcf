import PeerNode
import PeerState

/// The events of the feed, and which of them: `peer://events{?after,limit}`.
struct EventsTarget: Hashable, Sendable {
    private let after: String?
    private let limit: Int

    /// Returns `nil` for a limit that is none.
    init?(_ query: [String: String]) {
        after = query["after"]
        let limit = query["limit"].map { Int($0) } ?? 100
        guard let limit, (1...200).contains(limit) else { return nil }
        self.limit = limit
    }

    /// Without a cursor, the end of the feed.
    ///
    /// - Errors: `bad_cursor`; `NodeFailure`.
    func read(_ call: ToolCall) async throws -> JSONObject {
        let end = await call.port.feedPosition()
        let newest = end > UInt64(limit) ? end - UInt64(limit) : 0
        let start = try after.map { try call.cursor(from: $0).feed } ?? newest
        let page = try await EventSelection(call, types: nil).read(after: start, limit: limit)
        let encoder = EventEncoder(storeTag: call.port.storeTag, position: page.position)
        let shown = EventPage(page.events, encoder)
        let hasMore = page.hasMore || shown.isCut
        var object: JSONObject = [
            "events": .array(shown.objects),
            "cursor": .string(call.cursor(shown.isCut ? shown.last : page.position)),
            "has_more": .bool(hasMore),
        ]
        if after != nil && page.oldest > start + 1 { object.append("gap", true) }
        return object
    }
}
