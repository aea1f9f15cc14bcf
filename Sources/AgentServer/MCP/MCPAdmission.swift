/// A request that its era's front end let through, decoded.
package struct MCPAdmission: Sendable {
    package var method: MCPMethod
    package var revision: MCPRevision
    /// A string or a whole number, when the client wants progress.
    package var progressToken: JSON?

    init(_ method: MCPMethod, _ revision: MCPRevision, _ params: JSONObject) {
        self.method = method
        self.revision = revision
        switch params["_meta"]?["progressToken"] {
        case .string(let token)?: progressToken = .string(token)
        case .integer(let token)?: progressToken = .integer(token)
        case .unsigned(let token)?: progressToken = .unsigned(token)
        default: break
        }
    }
}
