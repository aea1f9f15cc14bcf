import AgentServer
import PeerState

/// Reads what a call came to, and turns refusals into the codes that exit codes follow from.
enum ToolAnswer {
    /// The structured content of a tool's result.
    static func content(of frame: JSON) throws(CLIFailure) -> JSON {
        let result = try result(of: frame)
        let content = result["structuredContent"] ?? .null
        guard result["isError"]?.bool == true else { return content }
        let text = result["content"]?.array?.first?["text"]?.string
        let message = content["error"]?["message"]?.string ?? text ?? "no reason was given"
        throw CLIFailure(code(of: content["error"]?["code"]?.string ?? ""), message)
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
