/// Every method this server answers, with its parameters decoded.
package enum MCPMethod: Sendable {
    case initialize(revision: MCPRevision)
    case ping
    case discover
    case listTools
    case callTool(name: String, arguments: JSONObject)
    case listResources
    case listResourceTemplates
    case readResource(uri: String)
    case subscribe(uri: String)
    case unsubscribe(uri: String)
    case setLogLevel(MCPLogLevel)
    case listen(MCPListenFilter)
    case listPrompts
    case getPrompt(name: String, arguments: JSONObject)
    case complete(MCPCompletion)
    case getTask(id: String)
    case updateTask(id: String, responses: JSONObject)
    case cancelTask(id: String)

    /// Whether `exchange.timeout` does not apply, and the end of input ends it at once.
    package var isLong: Bool {
        switch self {
        case .listen: true
        case .callTool(let name, _): name == "wait_for_messages"
        default: false
        }
    }

    /// Whether it belongs to the tasks extension, which a client must declare.
    var isAboutTasks: Bool {
        switch self {
        case .getTask, .updateTask, .cancelTask: true
        default: false
        }
    }

    private typealias Decoder = @Sendable (JSONObject) throws(MCPError) -> MCPMethod

    private static let shared: [String: Decoder] = [
        "tools/list": { params throws(MCPError) in
            try onePage(params)
            return .listTools
        },
        "tools/call": { params throws(MCPError) in
            let arguments = params["arguments"] ?? .object(JSONObject())
            guard let arguments = arguments.object else {
                throw MCPError(.invalidParams, "\"arguments\" must be an object.")
            }
            return .callTool(name: try text("name", params), arguments: arguments)
        },
        "resources/list": { params throws(MCPError) in
            try onePage(params)
            return .listResources
        },
        "resources/templates/list": { params throws(MCPError) in
            try onePage(params)
            return .listResourceTemplates
        },
        "resources/read": { params throws(MCPError) in
            .readResource(uri: try text("uri", params))
        },
        "prompts/list": { params throws(MCPError) in
            try onePage(params)
            return .listPrompts
        },
        "prompts/get": { params throws(MCPError) in
            .getPrompt(name: try text("name", params), arguments: try texts("arguments", params))
        },
        "completion/complete": { params throws(MCPError) in
            .complete(try MCPCompletion(params))
        },
    ]

    private static let legacyOnly: [String: Decoder] = [
        "ping": { _ throws(MCPError) in .ping },
        "resources/subscribe": { params throws(MCPError) in
            .subscribe(uri: try text("uri", params))
        },
        "resources/unsubscribe": { params throws(MCPError) in
            .unsubscribe(uri: try text("uri", params))
        },
        "logging/setLevel": { params throws(MCPError) in
            guard let level = MCPLogLevel(rawValue: try text("level", params)) else {
                throw MCPError(.invalidParams, "\"level\" is not a logging level.")
            }
            return .setLogLevel(level)
        },
    ]

    private static let modernOnly: [String: Decoder] = [
        "server/discover": { _ throws(MCPError) in .discover },
        "subscriptions/listen": { params throws(MCPError) in
            .listen(try MCPListenFilter(params))
        },
        "tasks/get": { params throws(MCPError) in .getTask(id: try text("taskId", params)) },
        "tasks/cancel": { params throws(MCPError) in .cancelTask(id: try text("taskId", params)) },
        "tasks/update": { params throws(MCPError) in
            guard let responses = params["inputResponses"]?.object else {
                throw MCPError(.invalidParams, "\"inputResponses\" must be given, as an object.")
            }
            return .updateTask(id: try text("taskId", params), responses: responses)
        },
    ]

    /// - Errors: `methodNotFound`, then `invalidParams`.
    static func decode(
        _ request: MCPRequest, isModern: Bool
    ) throws(MCPError) -> MCPMethod {
        let own = isModern ? modernOnly : legacyOnly
        guard let decoder = shared[request.method] ?? own[request.method] else {
            throw MCPError(.methodNotFound, "Method not found")
        }
        return try decoder(request.params)
    }

    static func text(_ key: String, _ params: JSONObject) throws(MCPError) -> String {
        guard let value = params[key]?.string else {
            throw MCPError(.invalidParams, "\"\(key)\" must be given, as a string.")
        }
        return value
    }

    /// An object that holds nothing but texts; empty when it is left out.
    private static func texts(
        _ key: String, _ params: JSONObject
    ) throws(MCPError) -> JSONObject {
        guard let value = params[key] else { return JSONObject() }
        guard let object = value.object,
            object.members.allSatisfy({ $0.value.string != nil })
        else { throw MCPError(.invalidParams, "\"\(key)\" must be an object of texts.") }
        return object
    }

    /// Every list fits one page of 100, so no cursor was ever handed out (MCP 2.2, K1).
    private static func onePage(_ params: JSONObject) throws(MCPError) {
        guard params["cursor"] == nil else { throw MCPError(.invalidParams, "Invalid cursor") }
    }
}
