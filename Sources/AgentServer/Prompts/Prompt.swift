import PeerNode

/// A ready-made request that a person picks in a client: its arguments and its messages.
///
/// - Source: MCP 5.
struct Prompt: Sendable {
    struct Argument: Sendable {
        let name: String
        let summary: String
        let isRequired: Bool

        init(_ name: String, _ summary: String, isRequired: Bool = false) {
            self.name = name
            self.summary = summary
            self.isRequired = isRequired
        }
    }

    /// One message, always in the user's name.
    enum Part: Sendable {
        case text(String)
        /// Enclosed text of others.
        case page(uri: String, text: String)
    }

    typealias Compose = @Sendable (PromptDesk) async throws -> [Part]

    let name: String
    let title: String
    let summary: String
    let scope: Scope
    let arguments: [Argument]
    let compose: Compose

    init(
        _ name: String, _ title: String, _ summary: String, scope: Scope = .readOnly,
        _ arguments: [Argument], compose: @escaping Compose
    ) {
        self.name = name
        self.title = title
        self.summary = summary
        self.scope = scope
        self.arguments = arguments
        self.compose = compose
    }

    /// How lists show it, in the words of a revision.
    func json(for revision: MCPRevision) -> JSON {
        var object: JSONObject = ["name": .string(name)]
        if revision.hasStructuredResults { object.append("title", .string(title)) }
        object.append("description", .string(summary))
        let arguments = arguments.map { argument -> JSON in
            [
                "name": .string(argument.name), "description": .string(argument.summary),
                "required": .bool(argument.isRequired),
            ]
        }
        if !arguments.isEmpty { object.append("arguments", .array(arguments)) }
        return .object(object)
    }
}

extension Prompt.Part {
    var message: JSON {
        let content: JSON =
            switch self {
            case .text(let text): ["type": "text", "text": .string(text)]
            case .page(let uri, let text):
                [
                    "type": "resource",
                    "resource": [
                        "uri": .string(uri), "mimeType": "text/plain", "text": .string(text),
                    ],
                ]
            }
        return ["role": "user", "content": content]
    }
}
