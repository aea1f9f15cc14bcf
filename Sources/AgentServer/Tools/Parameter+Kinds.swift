import PeerState

extension Parameter where Value == String {
    static func text(_ name: String, _ summary: String? = nil, bytes: ClosedRange<Int>) -> Self {
        .required(name, schema(bytes), summary) {
            try ArgumentReading.text($0, name, bytes: bytes)
        }
    }

    /// The text of a message.
    static func body(_ name: String) -> Self {
        .required(name, schema(1...Limits.messageBytes), nil) {
            try ArgumentReading.text($0, name, bytes: 1...Limits.messageBytes, isBody: true)
        }
    }

    static func text(_ name: String, default value: String, atMost bytes: Int) -> Self {
        let schema: JSONObject = ["type": "string", "maxLength": JSON(bytes)]
        return Parameter(name, schema, isRequired: false, summary: nil) { given in
            try given.map { try ArgumentReading.text($0, name, bytes: 0...bytes) } ?? value
        }
    }

    private static func schema(_ bytes: ClosedRange<Int>) -> JSONObject {
        [
            "type": "string", "minLength": JSON(bytes.lowerBound),
            "maxLength": JSON(bytes.upperBound),
        ]
    }
}

extension Parameter where Value == String? {
    static func optionalText(
        _ name: String, _ summary: String? = nil, atMost bytes: Int? = nil
    ) -> Self {
        var schema: JSONObject = ["type": "string"]
        if let bytes { schema.append("maxLength", JSON(bytes)) }
        return .optional(name, schema, summary) {
            try ArgumentReading.text($0, name, bytes: 1...(bytes ?? 256))
        }
    }
}

extension Parameter where Value == [String]? {
    static func texts(_ name: String, _ summary: String? = nil, atMost count: Int) -> Self {
        let schema: JSONObject = [
            "type": "array", "items": ["type": "string"], "maxItems": JSON(count),
        ]
        return .optional(name, schema, summary) {
            try ArgumentReading.texts($0, name, atMost: count)
        }
    }
}

extension Parameter where Value == Int {
    static func integer(
        _ name: String, _ summary: String? = nil, in range: ClosedRange<Int>,
        default value: Int
    ) -> Self {
        let schema: JSONObject = [
            "type": "integer", "minimum": JSON(range.lowerBound),
            "maximum": JSON(range.upperBound), "default": JSON(value),
        ]
        return Parameter(name, schema, isRequired: false, summary: summary) { given in
            try given.map { try ArgumentReading.integer($0, name, range) } ?? value
        }
    }
}

extension Parameter where Value == Int {
    /// A number that must be given.
    static func integer(
        _ name: String, _ summary: String? = nil, in range: ClosedRange<Int>
    ) -> Self {
        let schema: JSONObject = [
            "type": "integer", "minimum": JSON(range.lowerBound),
            "maximum": JSON(range.upperBound),
        ]
        return .required(name, schema, summary) { try ArgumentReading.integer($0, name, range) }
    }
}

extension Parameter where Value == UInt64? {
    static func count(_ name: String, _ summary: String? = nil) -> Self {
        .optional(name, ["type": "integer", "minimum": 0], summary) {
            UInt64(try ArgumentReading.integer($0, name, 0...Int.max))
        }
    }
}

extension Parameter where Value == Bool {
    static func flag(_ name: String, _ summary: String? = nil, default value: Bool = false) -> Self
    {
        var schema: JSONObject = ["type": "boolean"]
        if value { schema.append("default", true) }
        return Parameter(name, schema, isRequired: false, summary: summary) { given in
            try given.map { try ArgumentReading.flag($0, name) } ?? value
        }
    }
}

extension Parameter where Value == Confirmation {
    /// Agrees beforehand to what the tool would ask.
    static var confirm: Self {
        Parameter("confirm", ["type": "boolean"], isRequired: false, summary: nil) { given in
            Confirmation(
                isGiven: try given.map { try ArgumentReading.flag($0, "confirm") } ?? false)
        }
    }
}

extension Parameter where Value == OutputFormat {
    static var format: Self {
        let schema: JSONObject = [
            "type": "string", "enum": JSON(OutputFormat.allCases.map(\.rawValue)),
        ]
        return Parameter("format", schema, isRequired: false, summary: nil) { given in
            guard let given else { return .concise }
            guard let format = given.string.flatMap(OutputFormat.init(rawValue:)) else {
                throw ToolRefusal.invalid("format", "must be concise or detailed.")
            }
            return format
        }
    }
}

extension Parameter where Value == TimeArgument? {
    /// - Parameter takesNumbers: whether milliseconds since 1970 will do, too.
    static func time(
        _ name: String, _ summary: String? = nil, takesNumbers: Bool = false
    ) -> Self {
        .optional(name, ["type": "string"], summary) { json in
            if takesNumbers, let number = json.integer ?? json.string.flatMap({ Int64($0) }),
                (0...Int64(Limits.maxWallMilliseconds)).contains(number)
            {
                return .moment(UInt64(number))
            }
            guard let time = json.string.flatMap(TimeArgument.init(_:)) else {
                throw ToolRefusal.invalid(
                    name, "must be like 2h, 3d or 1w, or ISO 8601 like 2026-01-31T12:00:00Z.")
            }
            return time
        }
    }
}
