/// The one-line notice that some clients show to their model unasked (MCP 6.6).
enum PushEnvelope {
    static let capability = "claude/channel"
}
