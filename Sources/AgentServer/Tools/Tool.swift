/// One thing an agent can ask for: what lists show of it, and what carries it out.
///
/// A single declaration gives schema, decoding, limits and handler; a handler that does not match
/// the parameters does not compile.
package struct Tool: Sendable {
    /// What a client may know beforehand about the effects; a hint that is absent means no.
    package struct Hints: OptionSet, Sendable {
        package let rawValue: Int

        package init(rawValue: Int) { self.rawValue = rawValue }

        package static let readOnly = Hints(rawValue: 1)
        package static let destructive = Hints(rawValue: 2)
        package static let idempotent = Hints(rawValue: 4)
        package static let openWorld = Hints(rawValue: 8)
    }

    /// A member of the result, for the advertised shallow schema.
    package struct Field: Sendable {
        package enum Kind: String, Sendable { case string, integer, boolean, array, object }

        let name: String
        let kind: Kind

        package init(_ name: String, _ kind: Kind = .string) {
            self.name = name
            self.kind = kind
        }
    }

    /// What does not depend on the parameters.
    package struct Traits: Sendable {
        var scope: Scope
        var toolsets: Set<Toolset>
        var hints: Hints
        var rate: RateClass = .unlimited
        /// What the node needs in the server, named when it is missing.
        var permission: String?
    }

    package let name: String
    package let title: String
    package let summary: String
    package let traits: Traits
    private let parameters: [(name: String, schema: JSONObject, isRequired: Bool)]
    private let output: [Field]
    /// Arguments that name peers.
    let peerArguments: [String]
    private let prepare: @Sendable (JSONObject) throws -> Prepared

    /// A call whose arguments are already checked.
    typealias Prepared = @Sendable (ToolCall) async throws -> ToolResult

    package var scope: Scope { traits.scope }
    package var toolsets: Set<Toolset> { traits.toolsets }

    package init<each Value: Sendable>(
        _ name: String, _ title: String, _ summary: String, _ traits: Traits, output: [Field],
        _ parameter: repeat Parameter<each Value>,
        handler: @escaping @Sendable (ToolCall, repeat each Value) async throws -> ToolResult
    ) {
        self.name = name
        self.title = title
        self.summary = summary
        self.traits = traits
        self.output = output
        var parameters: [(name: String, schema: JSONObject, isRequired: Bool)] = []
        var peerArguments: [String] = []
        for one in repeat each parameter {
            if one.namesPeers { peerArguments.append(one.name) }
            parameters.append((one.name, one.schema, one.isRequired))
        }
        self.parameters = parameters
        self.peerArguments = peerArguments
        prepare = { arguments in
            let values = (repeat try (each parameter).value(in: arguments))
            return { call in try await handler(call, repeat each values) }
        }
    }

    /// Checks the arguments against the schema.
    ///
    /// - Errors: `ToolRefusal` with `invalid_argument` or `too_large`, naming the argument.
    func prepared(_ arguments: JSONObject) throws -> Prepared {
        for member in arguments.members
        where !parameters.contains(where: { $0.name == member.key }) {
            let known = parameters.map(\.name).joined(separator: ", ")
            throw ToolRefusal.invalid(
                Sanitiser.name(member.key),
                known.isEmpty ? "no arguments are taken." : "unknown; there are: \(known).")
        }
        return try prepare(arguments)
    }

    /// How lists show it, in the words of a revision.
    func json(for revision: MCPRevision) -> JSON {
        var object: JSONObject = ["name": .string(name)]
        if revision.hasStructuredResults { object.append("title", .string(title)) }
        object.append("description", .string(summary))
        object.append("inputSchema", inputSchema)
        if revision.hasStructuredResults { object.append("outputSchema", outputSchema) }
        if revision.hasToolAnnotations { object.append("annotations", annotations) }
        return .object(object)
    }

    private var inputSchema: JSON {
        var schema: JSONObject = ["type": "object"]
        if !parameters.isEmpty {
            let members = parameters.map { JSONObject.Member($0.name, .object($0.schema)) }
            schema.append("properties", .object(JSONObject(members)))
        }
        let required = parameters.filter(\.isRequired).map(\.name)
        if !required.isEmpty { schema.append("required", JSON(required)) }
        schema.append("additionalProperties", false)
        return .object(schema)
    }

    private var outputSchema: JSON {
        let members = output.map { field in
            JSONObject.Member(field.name, ["type": .string(field.kind.rawValue)])
        }
        return ["type": "object", "properties": .object(JSONObject(members))]
    }

    private var annotations: JSON {
        [
            "readOnlyHint": .bool(traits.hints.contains(.readOnly)),
            "destructiveHint": .bool(traits.hints.contains(.destructive)),
            "idempotentHint": .bool(traits.hints.contains(.idempotent)),
            "openWorldHint": .bool(traits.hints.contains(.openWorld)),
        ]
    }
}
