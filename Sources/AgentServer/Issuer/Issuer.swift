package import PeerState

/// An authorization server elsewhere whose tokens this node takes beside its own.
///
/// It is never asked anything: what it signs is checked with keys that lie in a file here.
/// - Source: MCP 9.5, mode B.
package struct Issuer: Hashable, Sendable {
    /// What ids of its principals begin with.
    static let principalPrefix = "x_"
    /// What clients are told to ask for first.
    static let usualScopes: [Scope] = [.readOnly, .messaging]
    static let metadataPath = "/.well-known/oauth-protected-resource"

    /// As its tokens name it.
    package let url: String
    /// Under which address clients know this server; `nil` = as they address it.
    package let resource: String?
    package let keys: IssuerKeys
    /// What its tokens may do, but for the scope, which they say themselves.
    package let grant: TokenGrant

    package init(url: String, resource: String?, keys: IssuerKeys, grant: TokenGrant) {
        self.url = url
        self.resource = resource
        self.keys = keys
        self.grant = grant
    }

    /// Several scopes list the tools of each; the widest is the rank.
    ///
    /// - Returns: `nil` where there is no scope.
    package func access(_ principal: String, _ scopes: Set<Scope>) -> Access? {
        guard let widest = scopes.max() else { return nil }
        var access = Access(
            principal: principal, scope: widest,
            toolsets: scopes.reduce(into: []) { $0.formUnion(Toolset.listed(by: $1)) },
            consent: grant.consent, channels: grant.channels)
        access.pushFrom = grant.pushFrom
        access.lockdown = grant.lockdown
        access.issuedScopes = scopes
        return access
    }

    /// What may go on for a principal that was here before a restart: to wait, and to listen.
    ///
    /// Whatever comes of it is fetched with a token, which then decides.
    package func rememberedAccess(_ principal: String) -> Access? {
        principal.hasPrefix(Self.principalPrefix) ? access(principal, [.readOnly]) : nil
    }

    /// Whether a text can be the address of an issuer or a server: encrypted, or on this machine.
    package static func isAddress(_ text: String) -> Bool {
        guard let scheme = ["https://", "http://"].first(where: text.hasPrefix) else {
            return false
        }
        let host = text.dropFirst(scheme.count).prefix { $0 != "/" }
        let isPlain = text.utf8.allSatisfy { (0x21...0x7E).contains($0) && $0 != 0x22 }
        return isPlain && !host.isEmpty && !text.contains { "?#@\\".contains($0) }
            && text.utf8.count <= Limits.httpTargetBytes
            && (scheme == "https://" || HTTPGate.isLocalHost(host.lowercased()))
    }

    /// How a client that addresses this host knows the server.
    ///
    /// - Parameter host: of the request, port included, as the gate let it in.
    package func resource(host: String) -> String {
        if let resource { return resource }
        let host = host.lowercased()
        return (HTTPGate.isLocalHost(host) ? "http://" : "https://") + host + "/mcp"
    }

    /// What RFC 9728 has at a place derived from the address of the server.
    package func metadata(for resource: String) -> JSONObject {
        [
            "resource": .string(resource), "authorization_servers": [.string(url)],
            "scopes_supported": JSON(Self.usualScopes.map(\.rawValue)),
            "bearer_methods_supported": ["header"],
        ]
    }

    /// The address of `metadata`: the path of the server moves behind the well-known one.
    package static func metadataURL(of resource: String) -> String {
        guard let scheme = resource.place(of: "://")?.upperBound else { return resource }
        let path = resource[scheme...].firstIndex(of: "/") ?? resource.endIndex
        return resource[..<path] + metadataPath + resource[path...]
    }

    /// Whether a path is one of the places where `metadata` is looked for.
    package func servesMetadata(at path: String) -> Bool {
        guard path.hasPrefix(Self.metadataPath) else { return false }
        let rest = path.dropFirst(Self.metadataPath.count)
        return rest.isEmpty || rest == "/mcp"
            || resource.map { Self.metadataURL(of: $0).hasSuffix(path) } ?? false
    }
}

extension Limits {
    /// Keys in the file of an issuer, and its bytes.
    package static let issuerKeys = 64
    package static let issuerFileBytes = 64 << 10
    /// Of one token; the header fields of a request have twice as much.
    package static let issuedTokenBytes = 8 << 10
    /// Bytes of the names of a user and of a client.
    static let issuedNameBytes = 255
    /// How far the clock of an issuer may be ahead.
    static let issuerClockLead = Milliseconds.seconds(30)
    /// Times after the year 9999 are refused.
    static let issuedSecondsMax = 253_402_300_799.0
    /// Users with tokens of an issuer that are kept in mind; one more ends the one unused longest.
    package static let issuedPrincipals = 1_024
}
