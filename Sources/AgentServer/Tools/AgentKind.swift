import PeerState

/// Kinds of events as limits of an agent name them.
enum AgentKind: String, CaseIterable, Sendable {
    case message, edit, delete, reaction, pin, channel, role, member, invite, vote, key

    private var numbers: [UInt64] {
        switch self {
        case .message: [MessagePosted.kind]
        case .edit: [MessageEdited.kind]
        case .delete: [MessageDeleted.kind]
        case .reaction: [ReactionAdded.kind, ReactionRemoved.kind]
        case .pin: [MessagePinned.kind, MessageUnpinned.kind]
        case .channel: Array(ChannelCreated.kind...ChannelRevived.kind)
        case .role: Array(PermissionGranted.kind...RoleRenamed.kind)
        case .member: [MemberGranted.kind, MemberRemoved.kind, MemberSuspended.kind]
        case .invite: [LinkIssued.kind, LinkRevoked.kind, MemberAdmitted.kind]
        case .vote: Array(Proposed.kind...Enacted.kind)
        case .key: [KeyRotated.kind, KeyShared.kind, KeyFaulted.kind]
        }
    }

    static func numbers(_ kinds: [AgentKind]) -> [UInt64] {
        Set(kinds.flatMap(\.numbers)).sorted()
    }

    /// The words for a list of kinds, as far as whole words are in it, then numbers.
    static func words(_ kinds: [UInt64]) -> [String] {
        var left = Set(kinds)
        var words: [String] = []
        for kind in allCases where left.isSuperset(of: kind.numbers) {
            words.append(kind.rawValue)
            left.subtract(kind.numbers)
        }
        return words + left.sorted().map { "\($0)" }
    }
}

/// The limits of a grant as results show them.
enum AgentLimits {
    /// - Parameter all: those of a grant and of the grants above it; the strictest holds.
    static func json(_ all: [Attenuation]) -> JSONObject {
        var object = JSONObject()
        if let channels = strictest(all.map(\.channels)) {
            object.append("channels", JSON(channels.map(\.hex)))
        }
        if let kinds = strictest(all.map(\.kinds)) {
            object.append("kinds", JSON(AgentKind.words(kinds)))
        }
        if let rate = all.compactMap(\.eventsPerMinute).min() {
            object.append("events_per_min", JSON(rate))
        }
        if let bytes = all.compactMap(\.bytesPerDay).min() {
            object.append("bytes_per_day", JSON(bytes))
        }
        if let expiry = all.compactMap(\.expiryMilliseconds).min() {
            object.append("expires_at", .string(Calendar.seconds(expiry)))
        }
        if let lapse = all.compactMap(\.lapse).min() { object.append("lapses_after", JSON(lapse)) }
        if let depth = all.compactMap(\.delegationDepth).min() {
            object.append("depth", JSON(depth))
        }
        let masks = all.compactMap(\.permissions)
        if let first = masks.first {
            let mask = masks.dropFirst().reduce(first) { $0.intersection($1) }
            object.append("permissions", JSON(mask.words))
        }
        return object
    }

    private static func strictest<Item: Hashable & Comparable>(_ lists: [[Item]?]) -> [Item]? {
        let given = lists.compactMap { $0.map { Set($0) } }
        guard let first = given.first else { return nil }
        return given.dropFirst().reduce(first) { $0.intersection($1) }.sorted()
    }
}

extension Parameter where Value == [AgentKind]? {
    static var kinds: Self {
        let words = AgentKind.allCases.map(\.rawValue)
        let schema: JSONObject = [
            "type": "array", "items": ["type": "string", "enum": JSON(words)],
        ]
        return .optional("kinds", schema, nil) { json in
            try ArgumentReading.texts(json, "kinds", atMost: words.count).map { word in
                guard let kind = AgentKind(rawValue: word) else {
                    throw ToolRefusal.invalid(
                        "kinds", "must be of \(words.joined(separator: ", ")).")
                }
                return kind
            }
        }
    }
}

extension Parameter where Value == Int? {
    static func optionalInteger(_ name: String, in range: ClosedRange<Int>) -> Self {
        var schema: JSONObject = ["type": "integer", "minimum": JSON(range.lowerBound)]
        if range.upperBound < Int.max { schema.append("maximum", JSON(range.upperBound)) }
        return .optional(name, schema, nil) { try ArgumentReading.integer($0, name, range) }
    }
}

extension Parameter where Value == [Peer.ID] {
    static func peers(_ name: String, atMost count: Int) -> Self {
        let schema: JSONObject = [
            "type": "array", "items": ["type": "string"], "minItems": 1, "maxItems": JSON(count),
        ]
        return .required(name, schema, nil) { json in
            let texts = try ArgumentReading.texts(json, name, atMost: count)
            guard !texts.isEmpty else { throw ToolRefusal.invalid(name, "must not be empty.") }
            return try texts.map { text in
                guard let id = Peer.ID(hex: text) else {
                    throw ToolRefusal.invalid(name, "must hold peer ids: 64 hexadecimal digits.")
                }
                return id
            }
        }
    }
}
