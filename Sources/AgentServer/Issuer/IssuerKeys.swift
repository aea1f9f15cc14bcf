import PeerState

/// The public keys of an external issuer of tokens, by which its signatures are checked.
///
/// - Source: MCP 9.5, mode B; RFC 7517 and RFC 8037 for the file. Only Ed25519 is used; keys of
///   other kinds are passed over. - Bound: `Limits.issuerKeys`, `Limits.issuerFileBytes`.
package struct IssuerKeys: Hashable, Sendable {
    private struct Entry: Hashable, Sendable {
        let id: String?
        let key: Peer.ID
    }

    private let entries: [Entry]

    /// Reads a set of keys.
    ///
    /// - Errors: `badKeySet`, also for a file that holds a private key, or none that can be used.
    package init(_ text: [UInt8]) throws(TokenFailure) {
        let json: JSON
        do {
            json = try JSON(parsing: text)
        } catch {
            throw TokenFailure(.badKeySet, "it is not JSON (\(error.code.word))")
        }
        guard let keys = json["keys"]?.array else {
            throw TokenFailure(.badKeySet, "there is no list \"keys\"")
        }
        guard keys.count <= Limits.issuerKeys else {
            throw TokenFailure(.badKeySet, "it holds more than \(Limits.issuerKeys) keys")
        }
        var entries: [Entry] = []
        for key in keys {
            guard key["d"] == nil, key["k"] == nil else {
                throw TokenFailure(
                    .badKeySet, "it holds a secret key; keep that with the issuer alone")
            }
            guard let entry = try Self.entry(key) else { continue }
            guard entry.id == nil || !entries.contains(where: { $0.id == entry.id }) else {
                throw TokenFailure(.badKeySet, "two keys have the same \"kid\"")
            }
            entries.append(entry)
        }
        guard !entries.isEmpty else {
            throw TokenFailure(
                .badKeySet, "no key in it can be used; Ed25519 is: kty OKP, crv Ed25519")
        }
        self.entries = entries
    }

    /// - Returns: `nil` for a key of another kind, or for another use.
    private static func entry(_ json: JSON) throws(TokenFailure) -> Entry? {
        guard json["kty"]?.string == "OKP", json["crv"]?.string == "Ed25519",
            (json["use"] ?? "sig").string == "sig",
            IssuedToken.algorithms.contains((json["alg"] ?? "EdDSA").string ?? "")
        else { return nil }
        guard let text = json["x"]?.string, let bytes = Base64URL.decode(text[...]),
            let key = Peer.ID(bytes)
        else { throw TokenFailure(.badKeySet, "\"x\" of an Ed25519 key is not 32 bytes") }
        return Entry(id: json["kid"]?.string, key: key)
    }

    /// The key that a token names; without a name the only one there is.
    func key(_ id: String?) -> Peer.ID? {
        guard let id else { return entries.count == 1 ? entries[0].key : nil }
        return entries.first { $0.id == id }?.key
    }

    func has(_ key: Peer.ID) -> Bool { entries.contains { $0.key == key } }
}
