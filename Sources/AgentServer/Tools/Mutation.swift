package import PeerNode
import PeerState

/// Shows what an act really did (MCP 3.1).
package enum Mutation {
    /// - Parameter extra: members that follow the common ones.
    package static func result(_ outcome: Outcome, _ extra: JSONObject) -> ToolResult {
        var object: JSONObject = ["outcome": .string(outcome.kind.rawValue)]
        if let event = outcome.event { object.append("event_id", .string(event.hex)) }
        if let seq = outcome.seq { object.append("seq", JSON(seq)) }
        if let server = outcome.server { object.append("server_id", .string(server.hex)) }
        object.append("reached", JSON(outcome.reached))
        if outcome.isDuplicate { object.append("duplicate", true) }
        if let waiting = outcome.waitingFor, outcome.kind == .queued {
            object.append("waiting_for", .string(waiting))
        }
        for member in extra.members { object[member.key] = member.value }
        return ToolResult(object)
    }
}

extension Tool.Field {
    /// Members of every result of an act.
    static let mutation: [Tool.Field] = [
        .init("outcome"), .init("event_id"), .init("seq", .integer), .init("server_id"),
        .init("reached", .integer), .init("waiting_for"),
    ]
}
