/// One argument of a tool: its schema and how it becomes a value of the program.
///
/// `Value` is optional exactly when the argument may be left out and has no default.
package struct Parameter<Value: Sendable>: Sendable {
    package let name: String
    let schema: JSONObject
    let isRequired: Bool
    /// Whether it takes peer ids, of which the beginning is enough for a peer that is known here.
    let namesPeers: Bool
    private let read: @Sendable (JSON?) throws -> Value

    /// - Parameter read: gets `nil` for an argument that is left out or null; throws `ToolRefusal`.
    init(
        _ name: String, _ schema: JSONObject, isRequired: Bool, summary: String?,
        namesPeers: Bool = false, read: @escaping @Sendable (JSON?) throws -> Value
    ) {
        self.name = name
        var schema = schema
        if let summary { schema.append("description", .string(summary)) }
        self.schema = schema
        self.isRequired = isRequired
        self.namesPeers = namesPeers
        self.read = read
    }

    /// - Errors: `ToolRefusal` with `invalid_argument` or `too_large`, naming this argument.
    func value(in arguments: JSONObject) throws -> Value {
        var given = arguments[name]
        if given == .null { given = nil }
        if given == nil && isRequired {
            throw ToolRefusal.invalid(name, "is missing; it is required.")
        }
        return try read(given)
    }

    /// Reads a given value with a stricter rule, and lets a missing one be `nil`.
    static func optional<Wrapped>(
        _ name: String, _ schema: JSONObject, _ summary: String?, namesPeers: Bool = false,
        _ parse: @escaping @Sendable (JSON) throws -> Wrapped
    ) -> Parameter<Wrapped?> where Value == Wrapped? {
        Parameter(
            name, schema, isRequired: false, summary: summary, namesPeers: namesPeers
        ) { try $0.map(parse) }
    }

    static func required(
        _ name: String, _ schema: JSONObject, _ summary: String?, namesPeers: Bool = false,
        _ parse: @escaping @Sendable (JSON) throws -> Value
    ) -> Self {
        Parameter(
            name, schema, isRequired: true, summary: summary, namesPeers: namesPeers
        ) { given in
            guard let given else { throw ToolRefusal.invalid(name, "is missing.") }
            return try parse(given)
        }
    }
}
