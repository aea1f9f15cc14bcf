import AgentServer
import PeerState
import Testing

/// What tokens of an external issuer open, and what is said where they do not (S-298).
@Suite struct IssuedAccessTests {
    private static func issuer(_ resource: String? = nil) throws -> Issuer {
        let x = Base64URL.encode([UInt8](repeating: 1, count: 32))
        let keys = #"{"keys":[{"kty":"OKP","crv":"Ed25519","x":"\#(x)"}]}"#
        var grant = TokenGrant(scope: .full)
        grant.channels = ChannelRules(allow: ["#build"])
        grant.consent = .human
        return Issuer(
            url: "https://issuer.example", resource: resource,
            keys: try IssuerKeys(Array(keys.utf8)), grant: grant)
    }

    private static func call(_ tool: String) -> MCPMethod {
        .callTool(name: tool, arguments: JSONObject())
    }

    static let needs: [(Set<Scope>, MCPMethod, Set<Scope>)] = [
        ([.readOnly], call("read_channel"), []), ([.readOnly], call("send_message"), [.messaging]),
        ([.messaging], call("create_role"), [.admin]), ([.messaging], call("add_peer"), [.full]),
        // Listed for readers alone, although messaging ranks higher.
        ([.messaging], call("download_file"), [.readOnly]),
        ([.readOnly, .messaging], call("download_file"), []),
        ([.readOnly, .messaging], call("send_message"), []),
        ([.full], call("add_peer"), []), ([.readOnly], call("no_such_tool"), []),
        ([.readOnly], .readResource(uri: "peer://audit"), [.full]),
        ([.messaging], .subscribe(uri: "peer://server/join-links"), [.admin]),
        ([.admin], .readResource(uri: "peer://server/join-links"), []),
        ([.readOnly], .readResource(uri: "no address"), []),
        ([.readOnly], .getPrompt(name: "onboard_member", arguments: JSONObject()), [.admin]),
        ([.readOnly], .listTools, []), ([.readOnly], .completeNothing, []),
    ]

    @Test(arguments: needs.indices)
    func `S-298 what a request takes is known before it is begun`(row: Int) throws {
        let (held, method, missing) = Self.needs[row]
        let access = try #require(try Self.issuer().access("x_1", held))
        #expect(access.missing(for: method) == missing)
        let own = Access(principal: "t_1", scope: .readOnly)
        #expect(own.missing(for: method) == [], "tokens of the node's own hide instead")
    }

    @Test func `an issued token has the scopes it names and the limits of this node`() throws {
        let issuer = try Self.issuer()
        let access = try #require(issuer.access("x_1", [.readOnly, .admin]))
        #expect(access.scope == .admin && access.consent == .human)
        #expect(access.channels == ChannelRules(allow: ["#build"]))
        #expect(
            access.toolsets == Toolset.listed(by: .admin).union(Toolset.listed(by: .readOnly)))
        #expect(issuer.access("x_1", []) == nil)
        #expect(issuer.rememberedAccess("x_1")?.scope == .readOnly)
        #expect(issuer.rememberedAccess("t_1") == nil)
    }

    @Test func `clients find what the server says about itself`() throws {
        let issuer = try Self.issuer()
        #expect(issuer.resource(host: "127.0.0.1:9100") == "http://127.0.0.1:9100/mcp")
        #expect(issuer.resource(host: "LocalHost:1") == "http://localhost:1/mcp")
        #expect(issuer.resource(host: "[::1]:9100") == "http://[::1]:9100/mcp")
        #expect(issuer.resource(host: "chat.example") == "https://chat.example/mcp")
        let named = try Self.issuer("https://chat.example/ann")
        #expect(named.resource(host: "127.0.0.1:9100") == "https://chat.example/ann")
        let path = "/.well-known/oauth-protected-resource"
        #expect(
            Issuer.metadataURL(of: "https://chat.example/ann")
                == "https://chat.example\(path)/ann")
        #expect(Issuer.metadataURL(of: "https://chat.example") == "https://chat.example\(path)")
        for one in [issuer, named] {
            #expect(one.servesMetadata(at: path) && one.servesMetadata(at: path + "/mcp"))
            #expect(!one.servesMetadata(at: path + "/") && !one.servesMetadata(at: path + "s"))
        }
        #expect(
            named.servesMetadata(at: path + "/ann") && !issuer.servesMetadata(at: path + "/ann"))
        #expect(
            issuer.metadata(for: "http://localhost:1/mcp") == [
                "resource": "http://localhost:1/mcp",
                "authorization_servers": ["https://issuer.example"],
                "scopes_supported": ["read-only", "messaging"],
                "bearer_methods_supported": ["header"],
            ])
    }

    @Test(arguments: [
        ("https://issuer.example", true), ("https://issuer.example/realm/a", true),
        ("http://127.0.0.1:8080", true), ("http://localhost", true), ("http://[::1]:80/x", true),
        ("http://issuer.example", false), ("http://localhost.example", false), ("https://", false),
        ("ftp://issuer.example", false), ("https://a b", false), ("https://a?x", false),
        ("https://a#x", false), ("https://a@b", false), ("https://a\"", false), ("", false),
    ])
    func `an address is encrypted or on this machine`(text: String, expected: Bool) {
        #expect(Issuer.isAddress(text) == expected)
    }

    private static func token(
        _ number: Int, until: UInt64, key: UInt8 = 1, _ scopes: Set<Scope> = [.readOnly]
    ) throws -> IssuedToken {
        IssuedToken(
            principal: "x_\(number)", scopes: scopes, expiresAt: until,
            key: try #require(Peer.ID([UInt8](repeating: key, count: 32))))
    }

    @Test func `who is kept in mind is bounded, and the one unused longest goes`() throws {
        var known = IssuedPrincipals()
        for number in 0..<Limits.issuedPrincipals {
            #expect(known.show(try Self.token(number, until: 10)).forgotten == nil)
        }
        #expect(known.show(try Self.token(0, until: 10)).forgotten == nil)
        #expect(known.show(try Self.token(-1, until: 10)).forgotten == "x_1")
        #expect(known.takeExpired(at: 10).count == Limits.issuedPrincipals)
    }

    @Test func `S-298 a token is wider when none before allowed that much`() throws {
        var known = IssuedPrincipals()
        for (scopes, isWider) in [
            ([.readOnly], false), ([.messaging], true), ([.readOnly], false),
            ([.readOnly, .messaging], false), ([.readOnly, .admin], true), ([.admin], false),
        ] as [(Set<Scope>, Bool)] {
            #expect(known.show(try Self.token(1, until: 10, scopes)).isWider == isWider)
        }
    }

    @Test func `what is open lasts as long as the longest token, and no longer than its key`()
        throws
    {
        var known = IssuedPrincipals()
        _ = known.show(try Self.token(1, until: 20, key: 1))
        _ = known.show(try Self.token(1, until: 10, key: 2))
        _ = known.show(try Self.token(2, until: 90, key: 2))
        #expect(known.takeExpired(at: 19) == [])
        let keys = try Self.issuer().keys
        #expect(known.takeUnsigned(by: keys) == ["x_2"])
        #expect(known.takeExpired(at: 20) == ["x_1"])
        _ = known.show(try Self.token(3, until: 90, key: 1))
        #expect(known.takeUnsigned(by: nil) == ["x_3"])
    }

    /// Whoever has that key may have opened something as this user.
    @Test func `a key that is gone ends what its tokens opened, although another lasts longer`()
        throws
    {
        var known = IssuedPrincipals()
        for number in 1...2 { _ = known.show(try Self.token(number, until: 20, key: 2)) }
        for number in 1...2 { _ = known.show(try Self.token(number, until: 90, key: 1)) }
        var later = known
        let keys = try Self.issuer().keys
        #expect(known.takeUnsigned(by: keys) == ["x_1", "x_2"])
        // What it signed is over by then.
        #expect(later.takeExpired(at: 20) == [] && later.takeUnsigned(by: keys) == [])
    }
}

extension MCPMethod {
    /// A method that no scope is needed for.
    fileprivate static var completeNothing: MCPMethod { .ping }
}
