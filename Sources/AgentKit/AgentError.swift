/// Why something an agent asked for did not happen.
public enum AgentError: Error, Hashable, Sendable {
    /// No node could be reached or started; the text says why.
    case unreachable(String)
    /// The node did not accept this agent: a wrong token or scope.
    case refused(String)
    /// The connection ended, for example because the node stopped. Connect again.
    case disconnected
    /// The node answered something that is not MCP.
    case badAnswer(String)
    /// A tool said no. `code` is one of the words every tool uses, such as `permission_denied`
    /// or `rate_limited`; `message` says what to do instead.
    case tool(code: String, message: String, retryAfterMilliseconds: Int64?)
}

extension AgentError: CustomStringConvertible {
    public var description: String {
        switch self {
        case .unreachable(let text): "no node: \(text)"
        case .refused(let text): "refused: \(text)"
        case .disconnected: "the connection to the node ended"
        case .badAnswer(let text): "the node's answer cannot be read: \(text)"
        case .tool(let code, let message, _): "\(code): \(message)"
        }
    }
}
