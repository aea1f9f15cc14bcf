import PeerState

/// Admits the requests of one legacy session, which began with `initialize`.
///
/// - Source: MCP 2.4.
package struct MCPLegacyFrontEnd: Sendable {
    package let revision: MCPRevision
    /// As the client declared them.
    package let capabilities: JSONObject
    /// What the client calls itself.
    let client: String?
    /// What the client asked for with `logging/setLevel`.
    private(set) var logLevel: MCPLogLevel?

    /// Reads an `initialize` request; an unknown version gets the newest legacy one (L1).
    init(initialize params: JSONObject) throws(MCPError) {
        let asked = try MCPMethod.text("protocolVersion", params)
        let known = MCPRevision(rawValue: asked).flatMap { $0.isModern ? nil : $0 }
        revision = known ?? .newestLegacy
        client = MCPAdmission.client(params["clientInfo"])
        let capabilities = params["capabilities"]?.object ?? JSONObject()
        // A session keeps it for days; nobody needs more room than this to say what it can do.
        let isSmall = JSON.object(capabilities).encoded.count <= Limits.capabilityBytes
        self.capabilities = isSmall ? capabilities : JSONObject()
    }

    /// Goes on where an earlier process stopped; `nil` for what is no legacy revision.
    init?(stored: JSONObject) {
        guard let name = stored["revision"]?.string, let known = MCPRevision(rawValue: name),
            !known.isModern
        else { return nil }
        revision = known
        capabilities = stored["capabilities"]?.object ?? JSONObject()
        client = stored["client"]?.string
        logLevel = stored["level"]?.string.flatMap(MCPLogLevel.init(rawValue:))
    }

    /// What `init(stored:)` reads.
    var stored: JSONObject {
        var object: JSONObject = [
            "revision": .string(revision.rawValue), "capabilities": .object(capabilities),
        ]
        if let client { object.append("client", .string(client)) }
        if let logLevel { object.append("level", .string(logLevel.rawValue)) }
        return object
    }

    mutating func admit(_ request: MCPRequest) throws(MCPError) -> MCPAdmission {
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
        if case .setLogLevel(let level) = method { logLevel = level }
        return MCPAdmission(
            method, revision, request.params, capabilities: capabilities,
            logLevel: logLevel ?? .debug, client: client)
    }
}
