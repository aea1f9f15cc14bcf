package import PeerState

/// Who a peer says it is, inside the handshake that proves it.
///
/// - Shape: `[1, identity b32, signature b64, incarnation b16, features, listen port]`; further
///   elements are ignored. Source: PROTOCOL 8.1.
package struct HandshakePayload: Hashable, Sendable {
    package enum Role: UInt8, Sendable {
        case initiator = 0x49  // "I"
        case responder = 0x52  // "R"
    }

    package static let version: UInt64 = 1
    package static let incarnationByteCount = 16

    package let identity: Peer.ID
    package let signature: Signature
    package let incarnation: [UInt8]
    package let features: UInt64
    package let listenPort: UInt64

    package init(
        identity: Peer.ID, signature: Signature, incarnation: [UInt8], features: UInt64,
        listenPort: UInt64
    ) {
        self.identity = identity
        self.signature = signature
        self.incarnation = incarnation
        self.features = features
        self.listenPort = listenPort
    }

    /// What the identity key signs: worth nothing in another role, handshake or with another key.
    package static func signedBytes(
        _ role: Role, staticKey: Exchange.PublicKey, hash: [UInt8]
    ) -> [UInt8] {
        Array("peer-agent/noise/1".utf8) + [role.rawValue] + staticKey.bytes + hash
    }

    package var encoded: [UInt8] {
        var writer = CBORWriter()
        writer.array(6)
        writer.unsigned(Self.version)
        writer.identifier(identity)
        writer.byteString(signature.bytes)
        writer.byteString(incarnation)
        writer.unsigned(features)
        writer.unsigned(listenPort)
        return writer.bytes
    }

    /// - Errors: `badHandshake` with the cause in the detail. Nothing is verified yet.
    package init(decoding bytes: [UInt8]) throws(NetFailure) {
        guard bytes.count <= Limits.maxHandshakePayload else {
            throw NetFailure(.badHandshake, "payload of \(bytes.count) bytes")
        }
        do {
            try CBORScan.check(bytes)
            var reader = CBORReader(bytes)
            guard try reader.array() >= 6 else { throw reader.wrong("six elements") }
            _ = try reader.unsigned(in: Self.version...Self.version, "version")
            identity = try reader.identifier("identity")
            let signed = try reader.byteString(exactly: Signature.byteCount, "signature")
            guard let signature = Signature(signed) else { throw reader.wrong("signature") }
            self.signature = signature
            incarnation = try reader.byteString(exactly: Self.incarnationByteCount, "incarnation")
            features = try reader.unsigned("features")
            listenPort = try reader.unsigned(in: 0...65_535, "listen port")
        } catch {
            throw NetFailure(.badHandshake, "payload: \(error)")
        }
    }

    package func isSigned(
        _ role: Role, staticKey: Exchange.PublicKey, hash: [UInt8]
    ) -> Bool {
        let message = Self.signedBytes(role, staticKey: staticKey, hash: hash)
        return signature.isValid(for: message, by: identity)
    }
}
