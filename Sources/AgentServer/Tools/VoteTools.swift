import PeerNode
import PeerState

/// Proposals of a server and votes on them.
enum VoteTools {
    private static let output = Tool.Field.voted + [.init("state")]

    static let listProposals = Tool(
        "list_proposals", "Proposals", "Lists what the owner and admins are asked to vote on.",
        .init(
            scope: .readOnly, toolsets: [.reading, .members], hints: [.readOnly, .idempotent]),
        output: [.init("proposals", .array), .init("cursor"), .init("has_more", .boolean)],
        .optionalServer, .optionalText("state", "open (default), closed or all"),
        .optionalText("cursor"), .integer("limit", in: 1...100, default: 20)
    ) { call, address, state, cursor, limit in
        let server = try await call.server(address)
        let shown = try filtered(try await call.port.proposals(in: server.id), by: state)
        let first = try cursor.map { try call.cursor(from: $0).feed } ?? 0
        let rest = shown.dropFirst(Int(clamping: first))
        let page = rest.prefix(limit)
        let names = try await call.port.members(in: server.id)
        let items = page.map { json($0, me: call.port.peerID, names) }
        return ToolResult([
            "proposals": .array(items),
            "cursor": .string(call.cursor(first + UInt64(page.count))),
            "has_more": .bool(page.count < rest.count),
        ])
    }

    private static func filtered(
        _ proposals: [ProposalInfo], by state: String?
    ) throws -> [ProposalInfo] {
        switch state {
        case nil, "open": proposals.filter { $0.status == .open }
        case "closed": proposals.filter { $0.status != .open }
        case "all": proposals
        default: throw ToolRefusal.invalid("state", "must be open, closed or all.")
        }
    }

    /// One proposal as lists and resources show it.
    static func json(_ info: ProposalInfo, me: Peer.ID, _ members: [MemberSnapshot]) -> JSON {
        let count = Outcome.VoteCount(info)
        var object: JSONObject = ["proposal_id": .string(info.id.hex)]
        object.append("action", .string(info.body.action.word))
        if let target = info.body.action.target {
            object.append("target", .string(target.hex))
            if let member = members.first(where: { $0.id == target }) {
                object.append("target_name", .string(Sanitiser.name(member.displayName)))
            }
        }
        object.append("by", .string(info.author.hex))
        object.append("at", .string(Calendar.seconds(info.atMilliseconds)))
        if !info.body.reason.isEmpty {
            object.append("reason", .string(Sanitiser.name(info.body.reason, 500)))
        }
        object.append("life_left", JSON(count.lifeLeft))
        object.append("threshold", .string(info.body.threshold.word))
        object.append("have", JSON(count.have))
        object.append("need", JSON(count.need))
        object.append("against", JSON(count.against))
        if let own = info.ballots[me] { object.append("my_vote", .bool(own)) }
        object.append("state", .string(count.state))
        return .object(object)
    }

    private static func traits(_ hints: Tool.Hints) -> Tool.Traits {
        .init(
            scope: .admin, toolsets: [.members], hints: hints, rate: .administrative,
            permission: "admin")
    }

    static let vote = Tool(
        "vote", "Vote", "Votes on a proposal; the vote that completes it carries it out.",
        traits([.idempotent, .openWorld]), output: output,
        .eventID("proposal_id"), .requiredFlag("accept")
    ) { call, address, accepts in
        try await act(on: address, call) { .vote(on: $0, accepts: accepts) }
    }

    static let withdrawProposal = Tool(
        "withdraw_proposal", "Withdraw proposal", "Takes back a proposal of this peer.",
        traits([.destructive, .idempotent, .openWorld]), output: output,
        .eventID("proposal_id")
    ) { call, address in
        try await act(on: address, call) { .withdraw($0) }
    }

    private static func act(
        on address: EventAddress, _ call: ToolCall, _ act: (Event.ID) -> VoteAct
    ) async throws -> ToolResult {
        var places: [Event.ID: Server.ID] = [:]
        for server in await call.port.servers() {
            for info in try await call.port.proposals(in: server.id) {
                places[info.id] = server.id
            }
        }
        let id = try address.match(
            among: places.keys.sorted(), missing: .unknownProposal,
            "no such proposal here; see list_proposals.")
        guard let server = places[id] else {
            throw ToolRefusal(.unknownProposal, "No such proposal.")
        }
        let outcome = try await call.port.perform(.vote(act(id), in: server))
        var extra = JSONObject()
        if let count = outcome.vote {
            extra.append("against", JSON(count.against))
            extra.append("state", .string(count.state))
        }
        return Mutation.result(outcome, extra)
    }
}
