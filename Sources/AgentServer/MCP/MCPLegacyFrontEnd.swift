/// Admits the requests of one legacy session, which began with `initialize`.
///
/// - Source: MCP 2.4.
package struct MCPLegacyFrontEnd: Sendable {
    package let revision: MCPRevision
    /// Whether the client declared forms, and the revision has them.
    let canElicit: Bool

    /// Reads an `initialize` request; an unknown version gets the newest legacy one (L1).
    init(initialize params: JSONObject) throws(MCPError) {
        let asked = try MCPMethod.text("protocolVersion", params)
        let known = MCPRevision(rawValue: asked).flatMap { $0.isModern ? nil : $0 }
        revision = known ?? .newestLegacy
        canElicit = revision >= .june2025 && MCPAdmission.canElicit(params["capabilities"])
    }

    /// Goes on where an earlier process stopped; `nil` for what is no legacy revision.
    init?(stored text: String) {
        let words = text.split(separator: " ")
        guard let name = words.first, let known = MCPRevision(rawValue: String(name)),
            !known.isModern
        else { return nil }
        revision = known
        canElicit = words.contains("elicitation")
    }

    /// What `init(stored:)` reads.
    var stored: String { revision.rawValue + (canElicit ? " elicitation" : "") }

    func admit(_ request: MCPRequest) throws(MCPError) -> MCPAdmission {
        if MCPModernFrontEnd.hasEnvelope(request.params) {
            throw MCPError(
                .invalidRequest,
                "This connection negotiated \(revision.rawValue); leave the envelope out.")
        }
        if request.method == "initialize" {
            throw MCPError(
                .invalidRequest, "This connection is initialized, at \(revision.rawValue).")
        }
        let method = try MCPMethod.decode(request, isModern: false)
        return MCPAdmission(method, revision, request.params, canElicit: canElicit)
    }
}
