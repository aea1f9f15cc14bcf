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
        if !outcome.unresolved.isEmpty {
            object.append("unresolved", JSON(outcome.unresolved.map { Sanitiser.name($0) }))
        }
        if let vote = outcome.vote, !outcome.isRehearsal {
            append(vote, to: &object, outcome.kind)
        }
        for member in extra.members { object[member.key] = member.value }
        return ToolResult(object)
    }

    private static func append(
        _ vote: Outcome.VoteCount, to object: inout JSONObject, _ kind: Outcome.Kind
    ) {
        object.append("proposal_id", .string(vote.proposal.hex))
        object.append("have", JSON(vote.have))
        object.append("need", JSON(vote.need))
        guard kind == .proposed else { return }
        object.append("electorate", JSON(vote.electorate))
        object.append("life_left", JSON(vote.lifeLeft))
    }

    /// Shows an act that takes something away: its pin, what fell, and which keys are new.
    static func lowering(_ outcome: Outcome, _ extra: JSONObject = JSONObject()) -> ToolResult {
        var extra = extra
        if let cut = outcome.lastAccepted {
            extra.append(
                "last_accepted", ["seq": JSON(cut.seq), "event_id": .string(cut.id.hex)])
        }
        extra.append("voided", JSON(outcome.voided.count))
        if outcome.isRehearsal {
            extra.append("would_void", ids(outcome.voided))
            extra.append("would_return", ids(outcome.returned))
        }
        return result(outcome, extra)
    }

    private static func ids(_ events: [Event.ID]) -> JSON {
        JSON(events.prefix(Limits.rehearsedIDs).map(\.hex))
    }
}

extension Limits {
    /// Ids of events that a dry run names.
    package static let rehearsedIDs = 100
}

extension Tool.Field {
    /// The members of every act's result that lists announce; results hold more, and each list
    /// has a budget.
    static let mutation: [Tool.Field] = [.init("outcome")]

    /// Members of an act that may need a vote.
    static let voted: [Tool.Field] =
        mutation + [.init("proposal_id")]

    /// Members of an act that takes something away.
    static let lowering: [Tool.Field] = [.init("voided", .integer)]
}
