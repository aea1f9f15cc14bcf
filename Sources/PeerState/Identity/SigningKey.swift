import CSodium

/// A 64-byte Ed25519 signature.
package struct Signature: Hashable, Sendable {
    package static let byteCount = 64
    package let bytes: [UInt8]

    /// Returns `nil` unless there are exactly 64 bytes.
    package init?(_ bytes: [UInt8]) {
        guard bytes.count == Self.byteCount else { return nil }
        self.bytes = bytes
    }

    /// Checks with `crypto_sign_verify_detached`, the only verifier the network accepts (PROTOCOL
    /// 3.1).
    package func isValid(for message: [UInt8], by peer: Peer.ID) -> Bool {
        Sodium.ready
        Cost.note(.signatureCheck)
        return crypto_sign_verify_detached(bytes, message, UInt64(message.count), peer.bytes) == 0
    }
}

/// The secret half of a peer's name: an Ed25519 seed and what it can sign.
package struct SigningKey: Sendable {
    package static let seedByteCount = 32
    package let publicKey: Peer.ID
    private let secret: SecretBytes

    /// - Precondition: `seed` is 32 bytes. The caller wipes its own copy.
    package init(seed: [UInt8]) {
        Sodium.ready
        precondition(seed.count == Self.seedByteCount, "an Ed25519 seed is 32 bytes")
        var publicBytes = [UInt8](repeating: 0, count: 32)
        var secretBytes = [UInt8](repeating: 0, count: 64)
        check(crypto_sign_seed_keypair(&publicBytes, &secretBytes, seed))
        guard let publicKey = Peer.ID(publicBytes) else { preconditionFailure("32-byte key") }
        self.publicKey = publicKey
        secret = SecretBytes(secretBytes)
        Sodium.wipe(&secretBytes)
    }

    package func sign(_ message: [UInt8]) -> Signature {
        var bytes = [UInt8](repeating: 0, count: Signature.byteCount)
        secret.withBytes { key in
            check(
                crypto_sign_detached(
                    &bytes, nil, message, UInt64(message.count),
                    key))
        }
        guard let signature = Signature(bytes) else { preconditionFailure("64-byte signature") }
        return signature
    }
}
