package import PeerState

/// The text one person hands to another so that the other can join: a credential.
///
/// - Shape: `pa1_` and base64url without padding of a CBOR array; at most `maxInvite` characters.
/// - Source: PROTOCOL 4.5.
package struct Invite: Hashable, Sendable {
    package static let prefix = "pa1_"
    package static let addressesMax = 8

    package let server: Server.ID
    /// Both `nil` when the recipient was granted directly.
    package let link: Event.ID?
    package let secret: [UInt8]?
    package let name: String
    package let inviter: Peer.ID
    package let addresses: [String]
    package let providers: [Peer.ID]

    package init(
        server: Server.ID, link: Event.ID? = nil, secret: [UInt8]? = nil, name: String,
        inviter: Peer.ID, addresses: [String], providers: [Peer.ID] = []
    ) {
        self.server = server
        self.link = link
        self.secret = secret
        self.name = name
        self.inviter = inviter
        self.addresses = Array(addresses.prefix(Self.addressesMax))
        self.providers = Array(providers.prefix(Self.addressesMax))
    }

    /// - Errors: `malformedInvite`.
    package init(code: String) throws(NodeFailure) {
        guard code.utf8.count <= Limits.maxInvite, code.hasPrefix(Self.prefix),
            let bytes = Base64URL.decode(code.dropFirst(Self.prefix.count))
        else { throw Failure(.malformedInvite, "an invite begins with pa1_ and is one word") }
        do {
            self = try Self(decoding: bytes)
        } catch {
            throw Failure(.malformedInvite, "the invite is damaged: \(error)")
        }
    }

    private init(decoding bytes: [UInt8]) throws(Failure<WireCode>) {
        try CBORScan.check(bytes)
        var reader = CBORReader(bytes)
        guard try reader.array() >= 9 else { throw reader.wrong("invite") }
        guard try reader.unsigned("version") == 1 else { throw reader.wrong("version") }
        server = try reader.identifier("server")
        link = try reader.optionalIdentifier("link")
        secret = try reader.isNull() ? nil : try reader.byteString(exactly: 32, "secret")
        name = try reader.text(max: 100, "name")
        inviter = try reader.identifier("inviter")
        var addresses: [String] = []
        for _ in 0..<(try reader.array(max: Self.addressesMax, "addresses")) {
            addresses.append(try reader.text(max: 128, "address"))
        }
        self.addresses = addresses
        providers = try reader.identifiers(max: Self.addressesMax, sorted: false, "providers")
        _ = try reader.unsigned("flags")
    }

    package var code: String {
        var writer = CBORWriter()
        writer.array(9)
        writer.unsigned(1)
        writer.identifier(server)
        writer.optional(link) { $0.identifier($1) }
        writer.optional(secret) { $0.byteString($1) }
        writer.text(name)
        writer.identifier(inviter)
        writer.array(addresses.count)
        for address in addresses { writer.text(address) }
        writer.identifiers(providers)
        writer.unsigned(0)
        return Self.prefix + Base64URL.encode(writer.bytes)
    }
}

/// Base64 for URLs without padding (RFC 4648, section 5).
package enum Base64URL {
    private static let alphabet = Array(
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_".utf8)
    private static let values: [UInt8: UInt32] = {
        var table: [UInt8: UInt32] = [:]
        for (value, digit) in alphabet.enumerated() { table[digit] = UInt32(value) }
        return table
    }()

    package static func encode(_ bytes: [UInt8]) -> String {
        var output: [UInt8] = []
        output.reserveCapacity((bytes.count * 4 + 2) / 3)
        for start in stride(from: 0, to: bytes.count, by: 3) {
            let group = bytes[start..<min(start + 3, bytes.count)]
            var word: UInt32 = 0
            for byte in group { word = word << 8 | UInt32(byte) }
            word <<= UInt32(8 * (3 - group.count))
            for digit in 0...group.count {
                output.append(alphabet[Int(word >> UInt32(18 - 6 * digit) & 63)])
            }
        }
        return String(decoding: output, as: UTF8.self)
    }

    /// `nil` for a digit outside the alphabet, an impossible length, or bits that are not zero
    /// where nothing stands.
    package static func decode(_ text: some StringProtocol) -> [UInt8]? {
        let digits = Array(text.utf8)
        guard digits.count % 4 != 1 else { return nil }
        var output: [UInt8] = []
        for start in stride(from: 0, to: digits.count, by: 4) {
            let group = digits[start..<min(start + 4, digits.count)]
            var word: UInt32 = 0
            for digit in group {
                guard let value = values[digit] else { return nil }
                word = word << 6 | value
            }
            word <<= UInt32(6 * (4 - group.count))
            let bytes = [UInt8(word >> 16 & 255), UInt8(word >> 8 & 255), UInt8(word & 255)]
            output.append(contentsOf: bytes.prefix(group.count - 1))
            if bytes.dropFirst(group.count - 1).contains(where: { $0 != 0 }) { return nil }
        }
        return output
    }
}
