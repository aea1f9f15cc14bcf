import PeerNode
import PeerState

/// What this peer says about itself.
enum ProfileTools {
    static let setProfile = Tool(
        "set_profile", "Set profile",
        "Sets what this peer says about itself in a server; \"\" clears a field.",
        .init(
            scope: .admin, toolsets: [.server], hints: [.idempotent, .openWorld],
            rate: .administrative),
        output: Tool.Field.mutation + [.init("profile", .object)],
        .field(.bio), .field(.pronouns), .field(.tagline), .field(.pinned), .field(.since),
        .elsewhere, .field(.crestPattern), .field(.crestColour), .peerKind, .operatorPeer,
        .field(.model), .dataPolicy, .optionalServer
    ) {
        call, bio, pronouns, tagline, pinned, since, elsewhere, pattern, colour, kind, person,
        model, policy, address in
        let server = try await call.server(address)
        let given = [
            bio, pronouns, tagline, pinned, since, elsewhere, pattern, colour, kind, person,
            model, policy,
        ].compactMap { $0 }
        let fields = Dictionary(given.map { ($0.field.rawValue, $0.value) }) { first, _ in first }
        let outcome = try await call.port.perform(.server(.profile(fields), in: server.id))
        let card = try await call.port.card(of: call.port.peerID, in: server.id)
        return Mutation.result(outcome, ["profile": .object(ProfileField.json(card.profile))])
    }
}

/// One field of a profile by its number (PROTOCOL 4.8).
enum ProfileField: UInt64, CaseIterable, Sendable {
    case displayName, pronouns, bio, tagline, crestPattern, crestColour, pinned, elsewhere, since
    case peerKind, dataPolicy, operatorPeer, model

    static let kinds = ["human", "agent", "worker"]

    /// As arguments and results call it.
    var word: String {
        switch self {
        case .displayName: "display_name"
        case .crestPattern: "crest_pattern"
        case .crestColour: "crest_colour"
        case .peerKind: "peer_kind"
        case .dataPolicy: "data_policy"
        case .operatorPeer: "operator"
        case .pronouns, .bio, .tagline, .pinned, .elsewhere, .since, .model:
            String(describing: self)
        }
    }

    /// Bytes of a text.
    var cap: Int {
        switch self {
        case .displayName, .model: 64
        case .pronouns, .crestPattern, .since: 32
        case .bio: 240
        case .tagline: 80
        case .crestColour: 7
        case .pinned: 280
        case .elsewhere: 48
        case .dataPolicy: 80
        case .peerKind, .operatorPeer: 64
        }
    }

    static func json(_ profile: [UInt64: CBORValue]) -> JSONObject {
        var object = JSONObject()
        for field in allCases {
            guard let value = profile[field.rawValue], let shown = field.shown(value) else {
                continue
            }
            object.append(field.word, shown)
        }
        return object
    }

    private func shown(_ value: CBORValue) -> JSON? {
        switch (self, value) {
        case (.peerKind, .unsigned(let number)):
            Self.kinds.indices.contains(Int(clamping: number))
                ? .string(Self.kinds[Int(clamping: number)]) : nil
        case (.operatorPeer, .bytes(let bytes)): .string(bytes.hex)
        case (.dataPolicy, .array(let items)):
            if case .unsigned(0)? = items.first {
                "local"
            } else if case .text(let provider)? = items.dropFirst().first {
                .string("cloud:\(Sanitiser.name(provider))")
            } else {
                nil
            }
        case (.elsewhere, .array(let items)):
            .array(
                items.compactMap { item in
                    if case .text(let text) = item { .string(Sanitiser.name(text)) } else { nil }
                })
        case (_, .text(let text)):
            .string(cap > 100 ? Sanitiser.text(text) : Sanitiser.name(text, cap))
        default: nil
        }
    }
}

/// A field of the own profile to set, or to clear by `null`.
struct ProfileValue: Hashable, Sendable {
    let field: ProfileField
    let value: CBORValue
}

extension Parameter where Value == ProfileValue? {
    fileprivate static func field(_ field: ProfileField) -> Self {
        let schema: JSONObject = ["type": "string", "maxLength": JSON(field.cap)]
        return .optional(field.word, schema, field == .crestColour ? "#rrggbb" : nil) { json in
            let text = try ArgumentReading.text(json, field.word, bytes: 0...field.cap)
            if field == .crestColour && !text.isEmpty {
                guard text.hasPrefix("#"), text.utf8.count == 7,
                    [UInt8](hex: text.dropFirst()) != nil
                else { throw ToolRefusal.invalid(field.word, "must be #rrggbb.") }
            }
            return ProfileValue(field: field, value: text.isEmpty ? .null : .text(text))
        }
    }

    fileprivate static var elsewhere: Self {
        let field = ProfileField.elsewhere
        let schema: JSONObject = [
            "type": "array", "items": ["type": "string"], "maxItems": 4,
        ]
        return .optional(field.word, schema, nil) { json in
            let texts = try ArgumentReading.texts(json, field.word, atMost: 4)
            for text in texts where text.utf8.count > field.cap {
                throw ToolRefusal.invalid(field.word, "has at most \(field.cap) bytes an entry.")
            }
            return ProfileValue(
                field: field, value: texts.isEmpty ? .null : .array(texts.map { .text($0) }))
        }
    }

    fileprivate static var peerKind: Self {
        let field = ProfileField.peerKind
        let words = ProfileField.kinds + [""]
        return .optional(field.word, ["type": "string", "enum": JSON(words)], nil) { json in
            guard let word = json.string, let index = words.firstIndex(of: word) else {
                throw ToolRefusal.invalid(
                    field.word, "must be \(ProfileField.kinds.joined(separator: ", ")).")
            }
            return ProfileValue(
                field: field, value: word.isEmpty ? .null : .unsigned(UInt64(index)))
        }
    }

    fileprivate static var operatorPeer: Self {
        let field = ProfileField.operatorPeer
        return .optional(
            field.word, ["type": "string"], "Who answers for it: a peer id.", namesPeers: true
        ) { json in
            if json.string == "" { return ProfileValue(field: field, value: .null) }
            guard let id = json.string.flatMap({ Peer.ID(hex: $0) }) else {
                throw ToolRefusal.invalid(
                    field.word, "must be a peer id, or its first 16 digits or more.")
            }
            return ProfileValue(field: field, value: .bytes(id.bytes))
        }
    }

    fileprivate static var dataPolicy: Self {
        let field = ProfileField.dataPolicy
        return .optional(field.word, ["type": "string"], "local or cloud:<provider>") { json in
            let text = try ArgumentReading.text(json, field.word, bytes: 0...70)
            if text.isEmpty { return ProfileValue(field: field, value: .null) }
            if text == "local" {
                return ProfileValue(field: field, value: .array([.unsigned(0), .text("")]))
            }
            guard text.hasPrefix("cloud:"), text.utf8.count > 6 else {
                throw ToolRefusal.invalid(field.word, "must be local or cloud:<provider>.")
            }
            return ProfileValue(
                field: field, value: .array([.unsigned(1), .text(String(text.dropFirst(6)))]))
        }
    }
}
