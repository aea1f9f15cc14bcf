/// A request that its era's front end let through, decoded.
package struct MCPAdmission: Sendable {
    package var method: MCPMethod
    package var revision: MCPRevision
    /// A string or a whole number, when the client wants progress.
    package var progressToken: JSON?
    /// Whether the client can put a form before a person.
    package var canElicit: Bool
    /// Answers to questions, and what those questions carried (MCP 10).
    package var inputResponses: JSON?
    package var requestState: String?

    init(
        _ method: MCPMethod, _ revision: MCPRevision, _ params: JSONObject,
        canElicit: Bool = false
    ) {
        self.method = method
        self.revision = revision
        self.canElicit = canElicit
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
    /// Reads the declaration of a client; one that names only addresses to open has no forms.
    static func canElicit(_ capabilities: JSON?) -> Bool {
        guard let elicitation = capabilities?["elicitation"]?.object else { return false }
        return elicitation["form"] != nil || elicitation["url"] == nil
    }
}
