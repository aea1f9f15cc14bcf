import AgentServer
import PeerState
import Testing

/// Tokens of an external issuer as values (MCP 9.5, mode B).
@Suite struct IssuerTests {
    private static let now: UInt64 = 1_800_000_000_000
    private static let resource = "http://127.0.0.1:9100/mcp"
    private static let signer = SigningKey(seed: [UInt8](repeating: 7, count: 32))
    private static let claims: JSONObject = [
        "iss": "https://issuer.example", "aud": .string(resource), "sub": "ann",
        "client_id": "desk", "exp": 1_800_000_060, "scope": "read-only messaging openid",
    ]
    private static let header: JSONObject = ["alg": "EdDSA", "typ": "at+jwt", "kid": "one"]

    private static func jwk(_ key: SigningKey, _ id: String? = "one") -> JSON {
        var object: JSONObject = [
            "kty": "OKP", "crv": "Ed25519", "x": .string(Base64URL.encode(key.publicKey.bytes)),
        ]
        if let id { object.append("kid", .string(id)) }
        return .object(object)
    }

    private static func set(_ keys: JSON...) -> [UInt8] {
        JSON.object(["keys": .array(keys)]).encoded
    }

    private static func issuer(
        _ resource: String? = nil, keys: [UInt8]? = nil
    ) throws -> Issuer {
        Issuer(
            url: "https://issuer.example", resource: resource,
            keys: try IssuerKeys(keys ?? set(jwk(signer))), grant: TokenGrant(scope: .messaging))
    }

    private static func token(
        _ claims: JSONObject, _ header: JSONObject = header, by key: SigningKey = signer
    ) -> String {
        let parts = [header, claims].map { Base64URL.encode(JSON.object($0).encoded) }
        let text = parts.joined(separator: ".")
        return text + "." + Base64URL.encode(key.sign(Array(text.utf8)).bytes)
    }

    private static func read(
        _ token: String, at now: UInt64 = now, keys: [UInt8]? = nil
    ) throws -> Result<IssuedToken, IssuedToken.Refusal> {
        let issuer = try issuer(keys: keys)
        return Result { () throws(IssuedToken.Refusal) in
            try IssuedToken(token, by: issuer, for: resource, now: now)
        }
    }

    @Test func `a token says who asks, for what and how long`() throws {
        let read = try Self.read(Self.token(Self.claims)).get()
        #expect(read.scopes == [.readOnly, .messaging])
        #expect(read.expiresAt == 1_800_000_060_000)
        #expect(read.key == Self.signer.publicKey)
        #expect(read.principal.hasPrefix("x_") && read.principal.utf8.count == 34)
        var later = Self.claims
        later["exp"] = 1_800_000_900
        later["scope"] = "admin"
        #expect(try Self.read(Self.token(later)).get().principal == read.principal)
        for claim in ["sub", "client_id"] {
            var other = Self.claims
            other[claim] = "somebody else"
            #expect(try Self.read(Self.token(other)).get().principal != read.principal)
        }
    }

    @Test(
        arguments: [
            ("iss", "https://issuer.example/"), ("iss", nil), ("aud", "http://127.0.0.1:9100"),
            ("aud", nil), ("aud", ["http://127.0.0.1:9101/mcp"]), ("sub", nil), ("sub", ""),
            ("sub", 5), ("sub", .string(String(repeating: "x", count: 256))), ("client_id", 5),
            ("exp", nil), ("exp", "1800000060"), ("exp", -1), ("exp", 1e300),
            ("nbf", 1_800_000_031), ("nbf", "now"), ("iat", 1_800_000_031),
        ] as [(String, JSON?)])
    func `a claim that is not as it must be makes it worth nothing`(
        claim: String, value: JSON?
    ) throws {
        var claims = Self.claims
        claims[claim] = value
        #expect(try Self.read(Self.token(claims)) == .failure(.invalid))
    }

    @Test(
        arguments: [
            ("aud", ["https://elsewhere.example", "http://127.0.0.1:9100/mcp"]),
            ("nbf", 1_800_000_030), ("iat", 1_799_999_000), ("exp", 1_800_000_060.5),
            ("client_id", nil), ("unknown", ["anything": true]),
        ] as [(String, JSON?)])
    func `what is allowed is taken`(claim: String, value: JSON?) throws {
        var claims = Self.claims
        claims[claim] = value
        #expect(throws: Never.self) { try Self.read(Self.token(claims)).get() }
    }

    @Test func `its time ends to the millisecond`() throws {
        let token = Self.token(Self.claims)
        #expect(throws: Never.self) { try Self.read(token, at: 1_800_000_059_999).get() }
        let principal = try Self.read(token).get().principal
        let over = try Self.read(token, at: 1_800_000_060_000)
        #expect(over == .failure(.expired(principal: principal)))
    }

    @Test(
        arguments: [
            ("alg", "none"), ("alg", "HS256"), ("alg", "ES256"), ("alg", nil), ("crit", ["b64"]),
            ("typ", "dpop+jwt"), ("typ", 1), ("kid", "two"), ("kid", 1),
        ] as [(String, JSON?)])
    func `a header that asks for anything else is refused`(name: String, value: JSON?) throws {
        var header = Self.header
        header[name] = value
        #expect(try Self.read(Self.token(Self.claims, header)) == .failure(.invalid))
    }

    @Test func `any change of a token, and any other key, is noticed`() throws {
        let token = Self.token(Self.claims)
        let bytes = Array(token.utf8)
        for place in bytes.indices {
            var changed = bytes
            changed[place] = changed[place] == 0x41 ? 0x42 : 0x41
            guard changed != bytes else { continue }
            #expect(
                try Self.read(String(decoding: changed, as: UTF8.self)) == .failure(.invalid))
        }
        let other = SigningKey(seed: [UInt8](repeating: 8, count: 32))
        #expect(try Self.read(Self.token(Self.claims, by: other)) == .failure(.invalid))
        for text in ["", "..", "a.b.c", token + ".", token + "=", "." + token] {
            #expect(try Self.read(text) == .failure(.invalid))
        }
        var large = Self.claims
        large["padding"] = .string(String(repeating: "x", count: Limits.issuedTokenBytes))
        #expect(try Self.read(Self.token(large)) == .failure(.invalid))
    }

    @Test func `without a name the only key counts, and of two none`() throws {
        var header = Self.header
        header["kid"] = nil
        let token = Self.token(Self.claims, header)
        let second = Self.jwk(SigningKey(seed: [UInt8](repeating: 9, count: 32)), "two")
        let one = Self.set(Self.jwk(Self.signer))
        let two = Self.set(Self.jwk(Self.signer), second)
        #expect(throws: Never.self) { try Self.read(token, keys: one).get() }
        #expect(try Self.read(token, keys: two) == .failure(.invalid))
        #expect(throws: Never.self) { try Self.read(Self.token(Self.claims), keys: two).get() }
    }

    @Test func `keys of other kinds are passed over`() throws {
        let text = Self.set(
            ["kty": "RSA", "n": "AQAB", "e": "AQAB"], ["kty": "EC", "crv": "P-256"],
            ["kty": "OKP", "crv": "X25519", "x": "AA"],
            ["kty": "OKP", "crv": "Ed25519", "x": "AA", "use": "enc"], Self.jwk(Self.signer))
        #expect(try IssuerKeys(text) == IssuerKeys(Self.set(Self.jwk(Self.signer))))
    }

    static let badSets: [(String, String)] = [
        ("", "not JSON"), ("[]", "\"keys\""), (#"{"keys":{}}"#, "\"keys\""),
        (#"{"keys":[]}"#, "no key"), (#"{"keys":[{"kty":"RSA"}]}"#, "no key"),
        (#"{"keys":[{"kty":"OKP","crv":"Ed25519","x":"AA"}]}"#, "32 bytes"),
        (#"{"keys":[{"kty":"OKP","crv":"Ed25519"}]}"#, "32 bytes"),
        (#"{"keys":[{"kty":"OKP","crv":"Ed25519","d":"AA"}]}"#, "secret"),
        (#"{"keys":[{"kty":"oct","k":"AA"}]}"#, "secret"),
    ]

    @Test(arguments: badSets)
    func `a set of keys that cannot be meant says why`(text: String, word: String) {
        let failure = #expect(throws: TokenFailure.self) { try IssuerKeys(Array(text.utf8)) }
        #expect(failure?.code == .badKeySet)
        #expect(failure?.detail.contains(word) == true)
    }

    @Test func `names of keys are told apart, and their number is bounded`() {
        let key = Self.jwk(Self.signer)
        #expect(throws: TokenFailure.self) { try IssuerKeys(Self.set(key, key)) }
        let many = JSON.array(Array(repeating: ["kty": "RSA"], count: Limits.issuerKeys) + [key])
        #expect(throws: TokenFailure.self) {
            try IssuerKeys(JSON.object(["keys": many]).encoded)
        }
    }
}
