import PeerNode
import PeerState

/// Why something has effect or has none.
enum WhyTools {
    static let why = Tool(
        "why", "Explain",
        "Says why an event has effect or none, what a peer may do, or what a code means.",
        .init(
            scope: .readOnly, toolsets: [.messaging, .reading, .audit],
            hints: [.readOnly, .idempotent]),
        output: [
            .init("explanation"), .init("verdict"), .init("rule"), .init("chain", .array),
        ],
        .text("subject", "An id or an error code.", bytes: 1...128)
    ) { call, subject in
        if let sentence = CodeHelp.sentence(for: subject) {
            return answer(sentence, verdict: "code", rule: subject, chain: [])
        }
        let text = subject.hasPrefix("m:") ? String(subject.dropFirst(2)) : subject
        if let found = try await event(text, call) { return EventReason(found: found).result }
        if let peer = try await peer(subject, call) { return peer }
        throw ToolRefusal(
            .unknownMessage, "subject: no event, peer or code of that name is known here.")
    }

    static func answer(
        _ explanation: String, verdict: String, rule: String?, chain: [JSON]
    ) -> ToolResult {
        var object: JSONObject = [
            "explanation": .string(explanation), "verdict": .string(verdict),
        ]
        if let rule { object.append("rule", .string(rule)) }
        object.append("chain", .array(chain))
        return ToolResult(object)
    }

    private static func event(
        _ text: String, _ call: ToolCall
    ) async throws -> EventExplanation? {
        guard let digits = HexPrefix.digits(text) else { return nil }
        if let id = Event.ID(hex: digits) { return try await call.port.explanation(of: id) }
        let ids = await call.port.eventIDs(startingWith: digits)
        guard ids.count <= 1 else {
            throw ToolRefusal(
                .ambiguousID, "subject: several ids begin like that; give more digits.",
                facts: ["candidates": JSON(ids.map(\.hex))])
        }
        guard let id = ids.first else { return nil }
        return try await call.port.explanation(of: id)
    }

    /// What a member of the current server may do, and who made it one.
    private static func peer(_ text: String, _ call: ToolCall) async throws -> ToolResult? {
        let server = try await call.currentServer()
        let peers: Set<Peer.ID>
        do {
            peers = try await call.peers([text])
        } catch let refusal as ToolRefusal where refusal.failure.code == .unknownPeer {
            return nil
        }
        guard let peer = peers.first else { return nil }
        let card: MemberCard
        do {
            card = try await call.port.card(of: peer, in: server.id)
        } catch let failure as NodeFailure where failure.code == .unknownPeer {
            return nil
        }
        let name = Sanitiser.name(card.member.displayName)
        var text = "@\(name) is \(card.status) in \(Sanitiser.name(server.name)), level "
        text += "\(card.member.level), with "
        text +=
            card.permissions.isEmpty ? "no permissions" : card.permissions.joined(separator: ", ")
        if !card.member.roles.isEmpty { text += ", by \(card.member.roles.count) roles too" }
        if let grantor = card.grantor { text += "; made a member by \(grantor.short)" }
        if !card.limits.isEmpty {
            text += "; limited to \(JSON.object(AgentLimits.json(card.limits)).text)"
        }
        return answer(text + ".", verdict: card.status, rule: nil, chain: [])
    }
}
