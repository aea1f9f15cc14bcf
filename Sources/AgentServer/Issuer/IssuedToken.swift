package import PeerState

/// What a token of an external issuer says, once its signature was found good.
///
/// A compact JWS with claims (RFC 7515, 7519, 9068). Claims that are not named here are ignored.
package struct IssuedToken: Hashable, Sendable {
    /// Why a token is worth nothing.
    package enum Refusal: Error, Hashable {
        case invalid
        /// All else about it is right.
        case expired(principal: String)
    }

    /// Ed25519 under its older and its newer name (RFC 8037, RFC 9864).
    static let algorithms: Set = ["EdDSA", "Ed25519"]
    private static let types: Set = ["at+jwt", "application/at+jwt", "jwt", "application/jwt"]

    /// Whose state and limits it uses: the same for every token of one user and client.
    package let principal: String
    package let scopes: Set<Scope>
    /// ms since 1970.
    package let expiresAt: UInt64
    /// The key that signed it.
    package let key: Peer.ID

    package init(principal: String, scopes: Set<Scope>, expiresAt: UInt64, key: Peer.ID) {
        self.principal = principal
        self.scopes = scopes
        self.expiresAt = expiresAt
        self.key = key
    }

    /// Whether a text has the form of such a token, and so can be none of the node's own.
    static func isLike(_ text: String) -> Bool { text.utf8.count { $0 == UInt8(ascii: ".") } == 2 }
}

extension IssuedToken {
    /// Checks form, signature, issuer, audience and times.
    ///
    /// - Parameters: `resource` = how this server is named to whoever shows the token; `now` = ms
    ///   since 1970.
    package init(
        _ text: String, by issuer: Issuer, for resource: String, now: UInt64
    ) throws(Refusal) {
        guard text.utf8.count <= Limits.issuedTokenBytes else { throw .invalid }
        let parts = text.split(separator: ".", omittingEmptySubsequences: false)
        guard parts.count == 3, let header = Self.object(parts[0]),
            let key = Self.key(header, issuer.keys),
            let signature = Base64URL.decode(parts[2]).flatMap({ Signature($0) }),
            signature.isValid(for: Array((parts[0] + "." + parts[1]).utf8), by: key),
            let claims = Self.object(parts[1])
        else { throw .invalid }
        guard claims["iss"]?.string == issuer.url, Self.names(claims["aud"], resource),
            let principal = Self.principal(claims), let expiry = Self.time(claims["exp"])
        else { throw .invalid }
        for start in ["nbf", "iat"] {
            guard let claim = claims[start] else { continue }
            guard let from = Self.time(claim), from <= now + Limits.issuerClockLead.count else {
                throw .invalid
            }
        }
        guard now < expiry else { throw .expired(principal: principal) }
        let words = (claims["scope"]?.string ?? "").split(separator: " ")
        let scopes = words.compactMap { Scope(rawValue: String($0)) }
        self.init(principal: principal, scopes: Set(scopes), expiresAt: expiry, key: key)
    }

    private static func object(_ part: Substring) -> JSONObject? {
        guard let bytes = Base64URL.decode(part) else { return nil }
        do {
            return try JSON(parsing: bytes).object
        } catch {
            return nil  // Not a token; the caller says so.
        }
    }

    /// - Returns: `nil` also for a header that asks for something this reader does not know.
    private static func key(_ header: JSONObject, _ keys: IssuerKeys) -> Peer.ID? {
        guard let algorithm = header["alg"]?.string, algorithms.contains(algorithm),
            header["crit"] == nil
        else { return nil }
        if let type = header["typ"] {
            guard let type = type.string, types.contains(type.lowercased()) else { return nil }
        }
        guard let id = header["kid"] else { return keys.key(nil) }
        return id.string.flatMap { keys.key($0) }
    }

    private static func names(_ audience: JSON?, _ resource: String) -> Bool {
        if audience?.string == resource { return true }
        return audience?.array?.contains { $0.string == resource } ?? false
    }

    /// Seconds since 1970, perhaps with a fraction, as ms.
    private static func time(_ claim: JSON?) -> UInt64? {
        let seconds: Double
        switch claim {
        case .integer(let whole): seconds = Double(whole)
        case .number(let number): seconds = number
        default: return nil
        }
        guard (0...Limits.issuedSecondsMax).contains(seconds) else { return nil }
        return UInt64(seconds * 1_000)
    }

    private static func principal(_ claims: JSONObject) -> String? {
        let client = claims["client_id"] ?? ""
        guard let subject = claims["sub"]?.string, let client = client.string,
            !subject.isEmpty, max(subject.utf8.count, client.utf8.count) <= Limits.issuedNameBytes
        else { return nil }
        let names = [subject, client].map { Sodium.blake2b(Array($0.utf8)).bytes }
        let hash = Sodium.hash("peer-agent issued principal", names[0], names[1])
        return Issuer.principalPrefix + String(hash.hex.prefix(32))
    }
}
