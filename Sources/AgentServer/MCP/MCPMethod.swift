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
    case setLogLevel
    case listen(MCPListenFilter)

    /// Whether `exchange.timeout` does not apply, and the end of input ends it at once.
    package var isLong: Bool {
        switch self {
        case .listen: true
        case .callTool(let name, _): name == "wait_for_messages"
        default: false
        }
    }

    static let logLevels: Set<String> = [
        "debug", "info", "notice", "warning", "error", "critical", "alert", "emergency",
    ]

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
            guard logLevels.contains(try text("level", params)) else {
                throw MCPError(.invalidParams, "\"level\" is not a logging level.")
            }
            return .setLogLevel
        },
    ]

    private static let modernOnly: [String: Decoder] = [
        "server/discover": { _ throws(MCPError) in .discover },
        "subscriptions/listen": { params throws(MCPError) in
            .listen(try MCPListenFilter(params))
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

    /// Every list fits one page of 100, so no cursor was ever handed out (MCP 2.2, K1).
    private static func onePage(_ params: JSONObject) throws(MCPError) {
        guard params["cursor"] == nil else { throw MCPError(.invalidParams, "Invalid cursor") }
    }
}
