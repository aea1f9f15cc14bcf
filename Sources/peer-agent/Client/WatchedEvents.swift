import AgentServer

/// Which events somebody wants to see, and how.
struct WatchedEvents: Sendable {
    /// The cursor of the last one that was seen; `nil` = from now on.
    let after: String?
    let types: [String]?
    let channels: [String]?
    /// A burst is one line once it was quiet that long, ms; `nil` = a line for each.
    let settle: UInt64?

    /// As a listener asks for them (MCP 6.4).
    var filter: JSONObject {
        var filter = JSONObject()
        if let types { filter.append("types", JSON(types)) }
        if let channels { filter.append("channels", JSON(channels)) }
        if let after { filter.append("after", .string(after)) }
        return filter
    }
}
