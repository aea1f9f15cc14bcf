import PeerNode
import PeerState

/// Finding messages by words and by who, where and when.
enum SearchTools {
    static let searchMessages = Tool(
        "search_messages", "Search messages",
        "Finds messages, newest first. Takes \"phrases\", -word, from: in: since: before: has: "
            + "with:",
        .init(
            scope: .readOnly, toolsets: [.messaging, .reading], hints: [.readOnly, .idempotent],
            rate: .search),
        output: [
            .init("messages", .array), .init("cursor"), .init("has_more", .boolean),
            .init("total", .integer),
        ],
        .text("query", bytes: 1...Limits.searchQueryBytes), .optionalText("cursor"),
        .integer("limit", in: 1...50, default: 20), .format
    ) { call, text, cursor, limit, format in
        var finder = MessageFinder(call: call, query: SearchQuery(text))
        var request = try await finder.request(limit: limit)
        if let cursor {
            guard case .offset(let place) = try call.cursor(from: cursor).page else {
                throw ToolRefusal(.badCursor, "cursor: give the one of the last page.")
            }
            request.cursor = place
        }
        let found = try await call.port.search(request)
        return try await SearchResult(
            call: call, found: found, warnings: finder.query.warnings, format: format
        ).result()
    }
}
