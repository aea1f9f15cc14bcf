/// Chooses the era of one pipe and then admits its requests.
///
/// - Source: MCP 2.1, row stdio. `server/discover` is answered at any time and decides nothing.
package struct MCPPipeFrontEnd: Sendable {
    private enum Era {
        case undecided
        case modern
        case legacy(MCPLegacyFrontEnd)
    }

    private var era = Era.undecided
    private let modern = MCPModernFrontEnd()

    package init() {}

    /// The revision that every answer on this pipe follows, once it is known.
    package var revision: MCPRevision? {
        switch era {
        case .undecided: nil
        case .modern: .july2026
        case .legacy(let session): session.revision
        }
    }

    package var isLegacy: Bool { legacy != nil }

    /// What a legacy pipe agreed on.
    var legacy: MCPLegacyFrontEnd? {
        if case .legacy(let session) = era { session } else { nil }
    }

    /// - Errors: what to answer instead, by the tables of MCP 2.1 and 2.7.
    package mutating func admit(_ request: MCPRequest) throws(MCPError) -> MCPAdmission {
        if request.method == "server/discover" { return try modern.admit(request) }
        switch era {
        case .modern: return try admitModern(request)
        case .legacy(var session):
            let admission = try session.admit(request)
            era = .legacy(session)
            return admission
        case .undecided: return try admitFirst(request)
        }
    }

    private func admitModern(_ request: MCPRequest) throws(MCPError) -> MCPAdmission {
        let hasEnvelope = MCPModernFrontEnd.hasEnvelope(request.params)
        if request.method == "initialize" && !hasEnvelope {
            throw .unsupported(request.params["protocolVersion"]?.string ?? "")
        }
        return try modern.admit(request)
    }

    /// A request that is refused for its envelope leaves the choice open, so that the client can
    /// still fall back.
    private mutating func admitFirst(_ request: MCPRequest) throws(MCPError) -> MCPAdmission {
        if MCPModernFrontEnd.hasEnvelope(request.params) {
            _ = try modern.revision(request.params)
            era = .modern
            return try modern.admit(request)
        }
        switch request.method {
        case "initialize":
            let session = try MCPLegacyFrontEnd(initialize: request.params)
            era = .legacy(session)
            let method = MCPMethod.initialize(revision: session.revision)
            return MCPAdmission(
                method, session.revision, request.params, capabilities: session.capabilities)
        case "ping":
            return MCPAdmission(.ping, .newestLegacy, request.params)
        default:
            throw MCPError(
                .invalidParams,
                "Begin with \"initialize\", or send \"\(MCPModernFrontEnd.version)\" and "
                    + "\"\(MCPModernFrontEnd.capabilities)\" in \"_meta\" of every request.")
        }
    }
}
