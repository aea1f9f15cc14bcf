import PeerState

extension Parameter where Value == EventAddress {
    static func eventID(_ name: String, _ summary: String? = nil) -> Self {
        .required(name, ["type": "string"], summary) { try EventAddress($0, name) }
    }
}

extension Parameter where Value == EventAddress? {
    static func optionalEventID(_ name: String, _ summary: String? = nil) -> Self {
        .optional(name, ["type": "string"], summary) { try EventAddress($0, name) }
    }
}

extension Parameter where Value == PermissionNumber {
    static var permission: Self {
        .required("permission", ["type": "string", "enum": JSON(RightName.permissions)], nil) {
            try read($0, "permission")
        }
    }

    fileprivate static func read(_ json: JSON, _ name: String) throws -> PermissionNumber {
        guard let number = json.string.flatMap(RightName.number(of:)) else {
            throw ToolRefusal.invalid(
                name, "must be one of \(RightName.permissions.joined(separator: ", ")).")
        }
        return number
    }
}

extension Parameter where Value == Permissions? {
    static var permissions: Self {
        let schema: JSONObject = [
            "type": "array",
            "items": ["type": "string", "enum": JSON(RightName.permissions)],
        ]
        return .optional("permissions", schema, nil) { json in
            let words = try ArgumentReading.texts(json, "permissions", atMost: 8)
            return try words.reduce(into: Permissions()) { sum, word in
                let number = try Parameter<PermissionNumber>.read(.string(word), "permissions")
                sum.formUnion(number.permissions)
            }
        }
    }
}

extension Parameter where Value == Level {
    /// A level by its name, from a few.
    static func level(_ levels: [Level], default value: Level) -> Self {
        let words = levels.map(\.word)
        let schema: JSONObject = [
            "type": "string", "enum": JSON(words), "default": .string(value.word),
        ]
        return Parameter("level", schema, isRequired: false, summary: nil) { given in
            guard let given else { return value }
            guard let level = levels.first(where: { $0.word == given.string }) else {
                throw ToolRefusal.invalid(
                    "level", "must be \(words.joined(separator: " or ")).")
            }
            return level
        }
    }
}

extension Parameter where Value == Threshold {
    private static var words: String { "majority, unanimous or count:N" }

    static var threshold: Self {
        .required("threshold", ["type": "string"], words) { try read($0) }
    }

    /// A majority where nothing is said.
    static var optionalThreshold: Self {
        let schema: JSONObject = ["type": "string", "default": "majority"]
        return Parameter("threshold", schema, isRequired: false, summary: nil) { given in
            try given.map { try read($0) } ?? .majority
        }
    }

    private static func read(_ json: JSON) throws -> Threshold {
        switch json.string {
        case "majority": return .majority
        case "unanimous": return .unanimous
        case let text?:
            let count = text.hasPrefix("count:") ? UInt64(text.dropFirst(6)) : nil
            if let count, count > 0 { return .count(count) }
        case nil: break
        }
        throw ToolRefusal.invalid("threshold", "must be \(words).")
    }
}

extension Parameter where Value == String? {
    /// Why an act is done; the log keeps it.
    static func reason(atMost bytes: Int) -> Self { optionalText("reason", atMost: bytes) }
}

extension Parameter where Value == Bool {
    static func requiredFlag(_ name: String, _ summary: String? = nil) -> Self {
        .required(name, ["type": "boolean"], summary) { try ArgumentReading.flag($0, name) }
    }
}
