import PeerNode
import PeerState

/// Reading one conversation.
enum ThreadTools {
    static let readThread = Tool(
        "read_thread", "Read thread",
        "Reads a conversation: its first message, what this one answers, the replies.",
        .init(
            scope: .readOnly, toolsets: [.messaging, .reading], hints: [.readOnly, .idempotent]),
        output: [
            .init("root", .object), .init("ancestors", .array), .init("messages", .array),
            .init("cursor"), .init("has_more", .boolean),
        ],
        .message("message_id"), .optionalText("cursor"),
        .integer("limit", in: 1...100, default: 50), .format
    ) { call, address, cursor, limit, format in
        let message = try await call.message(address)
        let page = ThreadPage(call: call, message: message, limit: limit, format: format)
        return try await page.result(after: cursor)
    }
}
