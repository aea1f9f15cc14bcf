import PeerState

/// What a person is asked before a far-reaching act (MCP 10).
struct ConsentQuestion: Hashable, Sendable {
    /// What, to whom, where, and what cannot be undone.
    let act: String

    /// The answers a form can get.
    enum Answer: Sendable {
        case agreed
        /// Declined, cancelled, or accepted without the tick.
        case declined
        /// Not an answer to this form.
        case unreadable
    }

    init(act: String) {
        self.act = act
    }

    /// Returns `nil` unless a tool stopped for want of consent.
    init?(_ refusal: ToolRefusal) {
        guard refusal.failure.code == .consentRequired,
            let end = refusal.failure.detail.place(of: " Nothing was done.")
        else { return nil }
        act = String(refusal.failure.detail[..<end.lowerBound])
    }

    /// Compared when the answer comes: other facts are another question. Times are left out,
    /// because "a week from now" moves on while a person thinks.
    var digest: String {
        let facts = act.split(separator: " ").filter { word in
            let bare = String(word.prefix { $0.isLetter || $0.isNumber || "-:".contains($0) })
            return Calendar.milliseconds(iso8601: bare) == nil
        }
        return Sodium.blake2b(Array(facts.joined(separator: " ").utf8)).hex
    }

    /// Parameters of `elicitation/create`.
    func params(_ revision: MCPRevision) -> JSONObject {
        var params: JSONObject = [:]
        if revision >= .november2025 { params.append("mode", "form") }
        params.append("message", .string(act))
        params.append(
            "requestedSchema",
            [
                "type": "object",
                "properties": [
                    "confirm": ["type": "boolean", "title": "Do this", "default": false]
                ],
                "required": ["confirm"],
            ])
        return params
    }

    static func answer(_ result: JSON?) -> Answer {
        switch result?["action"]?.string {
        case "accept":
            guard let ticked = result?["content"]?["confirm"]?.bool else { return .unreadable }
            return ticked ? .agreed : .declined
        case "decline", "cancel": return .declined
        default: return .unreadable
        }
    }

    static let declined = ToolRefusal(
        .consentRequired, "The person asked did not agree; nothing was done.",
        facts: ["code": "consent_declined"])
}

extension Limits {
    /// `state.expires`
    static var requestStateLife: Milliseconds { .seconds(OperatorLimit.stateExpires) }
    /// `state.rounds`
    static var requestStateRounds: Int { OperatorLimit.stateRounds.value }
    static let requestStateBytes = 2_048
    static let spentNonces = 10_000
    /// How long a person may take to answer in the legacy era (MCP 2.4, L7).
    static let elicitationTimeout = Milliseconds.seconds(120)
}
