import PeerNode
import PeerState

extension MCPDispatcher {
    /// Takes the bytes of a file from what a principal may hand over in a minute (MCP 9.8), and
    /// counts the part that posts as a post.
    func takeFileRate(of tool: Tool, _ arguments: JSONObject, _ call: ToolCall) async throws {
        guard let data = arguments["data"]?.string, tool.toolsets.contains(.files) else { return }
        if tool.traits.rate == .unlimited, arguments["last"]?.bool == true {
            try await takeRate(.posting, 1, call)
        }
        // In KiB, each begun one counted.
        let kibibytes = (data.utf8.count * 3 / 4 + 1_023) / 1_024
        try await takeRate(.fileBytes, UInt64(kibibytes), call)
    }

    func takeRate(_ rate: RateClass, _ count: UInt64, _ call: ToolCall) async throws {
        guard limiter.limits(rate) else { return }
        let now = await port.wallMilliseconds()
        let wait = limiter.take(rate, principal: call.principal, count: count, now: now)
        guard let wait else { return }
        throw ToolRefusal(
            .rateLimited, "Too much at once; wait \((wait + 999) / 1_000) s.",
            facts: ["retry_after_ms": JSON(wait)])
    }
}
