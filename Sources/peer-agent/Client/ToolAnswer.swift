import AgentServer
import PeerState

/// What a running node says to one question: what was wanted, or why not.
enum NodeAnswer<Facts> {
    case facts(Facts)
    /// - Parameter code: one of MCP 3.2.
    case refused(code: String, message: String, retryAfterMilliseconds: UInt64?)

    /// - Parameter error: code and message, as results of tools have them.
    static func refusal(_ error: JSON?, _ text: String? = nil) -> NodeAnswer {
        .refused(
            code: error?["code"]?.string ?? "",
            message: error?["message"]?.string ?? text ?? "no reason was given",
            retryAfterMilliseconds: error?["retry_after_ms"]?.integer.map { UInt64(clamping: $0) })
    }
}

/// What a call came to; refusals turn into the codes that exit codes follow from.
typealias ToolAnswer = NodeAnswer<JSON>

extension ToolAnswer {
    init(_ frame: JSON) throws(CLIFailure) {
        let result = try Self.result(of: frame)
        let content = result["structuredContent"] ?? .null
        guard result["isError"]?.bool == true else {
            self = .facts(content)
            return
        }
        self = .refusal(
            content["error"], result["content"]?.array?.first?["text"]?.string)
    }

    /// The structured content of a tool's result; a refusal is thrown.
    static func content(of frame: JSON) throws(CLIFailure) -> JSON {
        switch try ToolAnswer(frame) {
        case .facts(let content): return content
        case .refused(let word, let message, _): throw CLIFailure(code(of: word), message)
        }
    }

    static func result(of frame: JSON) throws(CLIFailure) -> JSON {
        if let error = frame["error"] {
            let isRefusal = error["code"]?.integer == 4_003
            throw CLIFailure(
                isRefusal ? .nodeRefused : .callFailed, error["message"]?.string ?? error.text)
        }
        return frame["result"] ?? .null
    }

    /// - Source: the words of MCP 3.2.
    private static func code(of word: String) -> CLICode {
        switch word {
        case "invalid_argument", "too_large", "bad_cursor", "ambiguous_id", "ambiguous_channel":
            .usage
        case "permission_denied", "not_author", "not_member", "suspended", "scope_denied",
            "quota_exceeded", "consent_declined", "loop_guard", "expired", "used_up",
            "unknown_invite":
            .nodeRefused
        case "consent_required": .consentNeeded
        case "timeout": .timeout
        case "offline": .nodeOffline
        default: .callFailed
        }
    }
}
