import PeerState

/// A request that its era's front end let through, decoded.
package struct MCPAdmission: Sendable {
    package var method: MCPMethod
    package var revision: MCPRevision
    /// A string or a whole number, when the client wants progress.
    package var progressToken: JSON?
    /// What the client declared: with this request, or when its session began.
    package var capabilities: JSONObject
    /// The least level of log messages the client wants to see; `nil` = none.
    package var logLevel: MCPLogLevel?
    /// Answers to questions, and what those questions carried (MCP 10).
    package var inputResponses: JSON?
    package var requestState: String?
    /// What the client calls itself; nothing is decided by it.
    package var client: String?
    /// Marks of a trace that goes through other programs.
    package var trace: JSONObject?

    init(
        _ method: MCPMethod, _ revision: MCPRevision, _ params: JSONObject,
        capabilities: JSONObject = JSONObject(), logLevel: MCPLogLevel? = nil,
        client: String? = nil
    ) {
        self.client = client ?? Self.client(params["_meta"]?[Self.clientInfo])
        trace = Self.trace(params["_meta"])
        self.method = method
        self.revision = revision
        self.capabilities = capabilities
        self.logLevel = logLevel
        inputResponses = params["inputResponses"]
        requestState = params["requestState"]?.string
        switch params["_meta"]?["progressToken"] {
        case .string(let token)?: progressToken = .string(token)
        case .integer(let token)?: progressToken = .integer(token)
        case .unsigned(let token)?: progressToken = .unsigned(token)
        default: break
        }
    }
}

extension MCPAdmission {
    /// Whether the client can put a form before a person.
    package var canElicit: Bool {
        revision.hasElicitation && Self.canElicit(.object(capabilities))
    }

    /// Whether the client takes a task in place of a result.
    package var takesTasks: Bool { revision.isModern && has(extension: Self.tasks) }

    /// Whether the client wants to hear of events (MCP 6.4 and 6.5).
    package var takesEvents: Bool {
        revision.isModern
            ? has(extension: Self.events)
            : capabilities["experimental"]?[Self.events]?.object != nil
    }

    static let clientInfo = "io.modelcontextprotocol/clientInfo"

    /// Name and version as claimed, in at most 64 characters.
    static func client(_ info: JSON?) -> String? {
        guard let name = info?["name"]?.string else { return nil }
        let version = info?["version"]?.string.map { " " + $0 } ?? ""
        return String(Sanitiser.name(name + version, 64))
    }

    private static func trace(_ meta: JSON?) -> JSONObject? {
        var marks = JSONObject()
        for name in ["traceparent", "tracestate", "baggage"] {
            guard let text = meta?[name]?.string, text.utf8.count <= Limits.traceBytes else {
                continue
            }
            marks.append(name, .string(Sanitiser.name(text, Limits.traceBytes)))
        }
        return marks.isEmpty ? nil : marks
    }

    static let tasks = "io.modelcontextprotocol/tasks"
    static let events = "peer-agent/events"

    private func has(extension name: String) -> Bool {
        capabilities["extensions"]?[name]?.object != nil
    }

    /// Reads the declaration of a client; one that names only addresses to open has no forms.
    static func canElicit(_ capabilities: JSON?) -> Bool {
        guard let elicitation = capabilities?["elicitation"]?.object else { return false }
        return elicitation["form"] != nil || elicitation["url"] == nil
    }
}

extension Limits {
    /// Bytes of one mark of a trace that the audit log keeps.
    static let traceBytes = 512
}
