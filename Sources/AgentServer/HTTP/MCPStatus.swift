/// The HTTP side of MCP's answers.
///
/// - Source: MCP 2.7.
enum MCPStatus {
    static func of(_ answer: MCPAnswer, isModern: Bool) -> Int {
        guard case .error(let error) = answer else { return 200 }
        return of(error.code, isModern: isModern)
    }

    static func of(_ code: MCPError.Code, isModern: Bool) -> Int {
        switch code {
        case .parseError, .invalidRequest, .headerMismatch, .missingClientCapability,
            .unsupportedProtocolVersion:
            400
        case .methodNotFound: isModern ? 404 : 200
        case .internalError: isModern ? 500 : 200
        case .unauthorized: 401
        case .rateLimited: 429
        case .unavailable: 503
        case .invalidParams, .resourceNotFound, .scopeDenied: 200
        }
    }

    /// How long to wait, for `Retry-After`, in whole seconds.
    static func retryAfter(_ error: MCPError) -> String? {
        switch error.code {
        case .rateLimited:
            let wait = error.data?["retry_after_ms"]?.integer ?? 1_000
            return String(max(1, (wait + 999) / 1_000))
        case .unavailable: return "1"
        default: return nil
        }
    }
}
