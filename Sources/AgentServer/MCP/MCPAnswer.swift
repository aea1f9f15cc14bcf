/// What a request is answered with.
package enum MCPAnswer: Sendable {
    case result(JSON)
    /// A whole result object that was encoded before.
    case encoded([UInt8])
    case error(MCPError)
}
