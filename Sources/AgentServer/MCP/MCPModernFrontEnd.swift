/// Admits requests of the modern era, where each one carries everything it needs.
///
/// - Source: MCP 2.2, the ladder M8. Keeps nothing between requests.
package struct MCPModernFrontEnd: Sendable {
    static let version = "io.modelcontextprotocol/protocolVersion"
    static let capabilities = "io.modelcontextprotocol/clientCapabilities"
    static let logLevel = "io.modelcontextprotocol/logLevel"

    /// Whether a request claims to be of the modern era.
    static func hasEnvelope(_ params: JSONObject) -> Bool {
        params["_meta"]?[version] != nil
    }

    /// - Parameter head: of the HTTP request that carried it, whose headers must say the same.
    /// - Errors: the first rung that fails: shape, headers, version, method, parameters.
    func admit(
        _ request: MCPRequest, head: HTTPHead? = nil
    ) throws(MCPError) -> MCPAdmission {
        let version = try version(request.params)
        if let head { try MCPHeaderRules.check(head, request, version: version) }
        let revision = try revision(named: version)
        let method = try MCPMethod.decode(request, isModern: true)
        let meta = request.params["_meta"]
        let admission = MCPAdmission(
            method, revision, request.params,
            capabilities: meta?[Self.capabilities]?.object ?? JSONObject(),
            logLevel: meta?[Self.logLevel]?.string.flatMap(MCPLogLevel.init(rawValue:)))
        guard !method.isAboutTasks || admission.takesTasks else {
            throw .missing(["extensions": [MCPAdmission.tasks: [:]]])
        }
        return admission
    }

    func revision(_ params: JSONObject) throws(MCPError) -> MCPRevision {
        try revision(named: try version(params))
    }

    private func revision(named version: String) throws(MCPError) -> MCPRevision {
        guard let revision = MCPRevision(rawValue: version), revision.isModern else {
            throw .unsupported(version)
        }
        return revision
    }

    /// Checks the shape of the envelope and returns the version it names.
    func version(_ params: JSONObject) throws(MCPError) -> String {
        guard let meta = params["_meta"]?.object else {
            throw MCPError(
                .invalidParams,
                "\"params\" needs \"_meta\", an object with \"\(Self.version)\" and "
                    + "\"\(Self.capabilities)\".")
        }
        guard let version = meta[Self.version]?.string else {
            throw MCPError(.invalidParams, "\"_meta\" lacks \"\(Self.version)\" (a string).")
        }
        guard meta[Self.capabilities]?.object != nil else {
            throw MCPError(.invalidParams, "\"_meta\" lacks \"\(Self.capabilities)\" (an object).")
        }
        if let level = meta[Self.logLevel] {
            guard let level = level.string, MCPLogLevel(rawValue: level) != nil else {
                throw MCPError(.invalidParams, "\"\(Self.logLevel)\" is not a logging level.")
            }
        }
        return version
    }
}
