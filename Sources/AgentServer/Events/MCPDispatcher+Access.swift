import PeerNode
import PeerState

// Rights that become others while a principal is at work (MCP 2.2 U3).
extension MCPDispatcher {
    /// Tells the listeners of a principal what it may do from now on.
    package func announce(_ access: Access) { announce(.accessChanged(access)) }

    /// How many calls of a kind are let through, from now on.
    package func set(_ rates: [RateClass: Rate]) { limiter = RateLimiter(rates) }

    /// Lets go of what is remembered of a principal whose tokens have ended; not of what it has
    /// used up, or short tokens would be a way around every limit.
    func forget(_ principal: String) {
        unreadTold[principal] = nil
    }

    /// What the principal itself hears of it.
    func scopeChanged(_ access: Access) async -> NodeEvent {
        var event = NodeEvent(.scopeChanged, atMilliseconds: await port.wallMilliseconds())
        let toolsets =
            access.toolsets ?? (access.tools == nil ? Toolset.listed(by: access.scope) : [])
        event.data = [
            .init(name: "toolsets", value: .words(toolsets.map(\.rawValue).sorted())),
            .init(name: "tools", value: .number(UInt64(MCPToolCatalog.tools(for: access).count))),
        ]
        return event
    }
}
