/// Decides from the head alone whether a request may come from where it comes from.
///
/// A page in a browser must not reach a node on the same machine: its Origin gives it away, and
/// a name that was bound to this address later shows in Host.
/// - Source: MCP 9.6.
package struct HTTPGate: Hashable, Sendable {
    package enum Bind: Hashable, Sendable {
        case loopback(port: UInt16)
        case remote
        case unixSocket
    }

    package var bind: Bind
    package var allowedOrigins: Set<String>
    package var allowedHosts: Set<String>

    package init(
        _ bind: Bind, allowedOrigins: Set<String> = [], allowedHosts: Set<String> = []
    ) {
        self.bind = bind
        self.allowedOrigins = allowedOrigins
        self.allowedHosts = allowedHosts
    }

    private static let localNames = ["localhost", "127.0.0.1", "[::1]"]

    /// The answer to a request that is refused; `nil` lets it in.
    package func refusal(_ head: HTTPHead) -> HTTPResponse? {
        guard admitsHost(head) else {
            return .error(403, MCPError(.invalidRequest, "This Host is not served here."))
        }
        guard admitsOrigin(head) else {
            return .error(403, MCPError(.invalidRequest, "This Origin may not use this server."))
        }
        return nil
    }

    private func admitsHost(_ head: HTTPHead) -> Bool {
        // The parser lets HTTP/1.0 come without one; only a socket file is then clear enough.
        guard let host = head.values("host").first?.lowercased() else { return bind == .unixSocket }
        switch bind {
        case .unixSocket: return true
        case .remote: return allowedHosts.contains(host)
        case .loopback(let port):
            return Self.localNames.contains { host == $0 || host == "\($0):\(port)" }
                || allowedHosts.contains(host)
        }
    }

    private func admitsOrigin(_ head: HTTPHead) -> Bool {
        let origins = head.values("origin")
        guard let origin = origins.first else { return true }
        guard origins.count == 1 else { return false }
        if bind == .unixSocket { return false }
        if allowedOrigins.contains(origin) { return true }
        guard case .loopback = bind else { return false }
        return Self.isLocal(origin.lowercased())
    }

    /// Whether a host, with or without a port, is a name of this machine for itself.
    static func isLocalHost(_ host: String) -> Bool {
        localNames.contains { host == $0 || host.hasPrefix($0 + ":") }
    }

    /// `http` or `https`, one of the local names, and perhaps a port.
    private static func isLocal(_ origin: String) -> Bool {
        for scheme in ["http://", "https://"] where origin.hasPrefix(scheme) {
            let authority = origin.dropFirst(scheme.count)
            return localNames.contains { name in
                guard authority.hasPrefix(name) else { return false }
                let port = authority.dropFirst(name.count)
                guard let digits = port.split(separator: ":").first, port.first == ":" else {
                    return port.isEmpty
                }
                return port.count == digits.count + 1 && UInt16(digits) != nil
            }
        }
        return false
    }

    /// Headers that let a page of an admitted origin read the answer.
    package func crossOrigin(_ head: HTTPHead) -> [HTTPHead.Field] {
        guard let origin = head.value("origin") else { return [] }
        return [
            .init(name: "Access-Control-Allow-Origin", value: origin),
            .init(name: "Vary", value: "Origin"),
            .init(name: "Access-Control-Expose-Headers", value: "Mcp-Session-Id"),
        ]
    }

    /// The answer to a browser that asks before it sends.
    package func preflight(_ head: HTTPHead) -> HTTPResponse {
        HTTPResponse(
            204,
            [
                .init(name: "Allow", value: "POST, GET, DELETE"),
                .init(name: "Access-Control-Allow-Methods", value: "POST, GET, DELETE"),
                .init(
                    name: "Access-Control-Allow-Headers",
                    value: "Authorization, Content-Type, Accept, MCP-Protocol-Version, "
                        + "Mcp-Session-Id, Mcp-Method, Mcp-Name, Last-Event-ID"),
                .init(name: "Access-Control-Max-Age", value: "600"),
            ])
    }
}
