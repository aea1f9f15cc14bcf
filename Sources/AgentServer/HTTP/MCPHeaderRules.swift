import PeerState

/// What HTTP headers must say about an MCP request.
///
/// - Source: MCP 2.2, H2 and H7.
enum MCPHeaderRules {
    static let version = "mcp-protocol-version"
    static let method = "mcp-method"
    static let name = "mcp-name"
    static let session = "mcp-session-id"

    /// The parameter that `Mcp-Name` repeats.
    private static let named: [String: String] = [
        "tools/call": "name", "prompts/get": "name", "resources/read": "uri",
        "tasks/get": "taskId", "tasks/update": "taskId", "tasks/cancel": "taskId",
    ]

    /// Whether the request claims to be of the modern era, by its headers.
    static func isModern(_ head: HTTPHead) -> Bool {
        let values = head.values(version)
        return values.contains { MCPRevision(rawValue: $0)?.isModern ?? true }
    }

    /// Holds the headers of a modern request against its body.
    ///
    /// - Errors: `headerMismatch`.
    static func check(
        _ head: HTTPHead, _ request: MCPRequest, version bodyVersion: String
    ) throws(MCPError) {
        try check(head, version, "MCP-Protocol-Version", equals: bodyVersion, mayEncode: false)
        try check(head, method, "Mcp-Method", equals: request.method, mayEncode: false)
        guard let parameter = named[request.method] else { return }
        // A parameter that is missing or no text fails later, by its own rule.
        guard let value = request.params[parameter]?.string else { return }
        try check(head, name, "Mcp-Name", equals: value, mayEncode: true)
    }

    /// Holds the headers that repeat arguments against them: there exactly when the argument is.
    ///
    /// - Errors: `headerMismatch`.
    static func check(
        _ head: HTTPHead, _ mirrored: [(header: String, argument: String)],
        _ arguments: JSONObject
    ) throws(MCPError) {
        for (header, argument) in mirrored {
            let shown = "Mcp-Param-\(header)"
            let name = shown.lowercased()
            guard let value = arguments[argument], value != .null else {
                guard head.values(name).isEmpty else {
                    throw MCPError(.headerMismatch, "The header \(shown) has no argument.")
                }
                continue
            }
            if let number = value.integer, let said = head.value(name), Int64(said) == number {
                try check(head, name, shown, equals: said, mayEncode: false)
                continue
            }
            let text = value.string ?? value.text
            try check(head, name, shown, equals: text, mayEncode: true)
        }
    }

    private static func check(
        _ head: HTTPHead, _ name: String, _ shown: String, equals expected: String,
        mayEncode: Bool
    ) throws(MCPError) {
        let values = head.values(name)
        guard let first = values.first else {
            throw MCPError(.headerMismatch, "The header \(shown) is missing.")
        }
        guard values.allSatisfy({ $0 == first }) else {
            throw MCPError(.headerMismatch, "The header \(shown) has two values.")
        }
        guard first.utf8.allSatisfy({ $0 == 0x09 || (0x20...0x7E).contains($0) }) else {
            throw MCPError(
                .headerMismatch, "The header \(shown) holds bytes that must be encoded.")
        }
        let said = mayEncode ? try decoded(first, shown) : first
        guard Array(said.utf8) == Array(expected.utf8) else {
            throw MCPError(.headerMismatch, "The header \(shown) differs from the body.")
        }
    }

    /// Undoes `=?base64?…?=`.
    private static func decoded(_ value: String, _ shown: String) throws(MCPError) -> String {
        let prefix = "=?base64?"
        guard value.hasPrefix(prefix), value.hasSuffix("?="), value.count >= prefix.count + 2
        else { return value }
        let inner = value.dropFirst(prefix.count).dropLast(2)
        guard let bytes = Base64.decode(inner), let text = String(validating: bytes, as: UTF8.self)
        else { throw MCPError(.headerMismatch, "The header \(shown) is badly encoded.") }
        return text
    }

    /// - Returns: the refusal of headers that no answer could satisfy.
    static func mediaRefusal(_ head: HTTPHead) -> HTTPResponse? {
        // What nearly every client says is not taken apart.
        if head.value("accept") == "application/json, text/event-stream",
            head.value("content-type") == "application/json"
        {
            return nil
        }
        guard accepts(head, "application/json"), accepts(head, "text/event-stream") else {
            return .error(
                406,
                MCPError(
                    .invalidRequest, "Accept must admit application/json and text/event-stream."))
        }
        guard isJSON(head) else {
            return .error(
                415, MCPError(.invalidRequest, "Content-Type must be application/json, in UTF-8."))
        }
        return nil
    }

    static func accepts(_ head: HTTPHead, _ type: String) -> Bool {
        let ranges = head.members("accept")
        guard !ranges.isEmpty else { return true }
        let family = type.prefix { $0 != "/" } + "/*"
        return ranges.contains { range in
            let parts = range.split(separator: ";").map { String($0.trimmingPadding) }
            guard let name = parts.first, name == type || name == "*/*" || name == family
            else { return false }
            return !parts.dropFirst().contains {
                $0.hasPrefix("q=0") && $0.dropFirst(3).allSatisfy { "0.".contains($0) }
            }
        }
    }

    private static func isJSON(_ head: HTTPHead) -> Bool {
        guard let value = head.value("content-type") else { return false }
        let parts = value.lowercased().split(separator: ";").map { String($0.trimmingPadding) }
        guard parts.first == "application/json" else { return false }
        return parts.dropFirst().allSatisfy { part in
            guard part.hasPrefix("charset=") else { return true }
            let charset = part.dropFirst(8).filter { $0 != "\"" }
            return charset == "utf-8" || charset == "utf8"
        }
    }
}
