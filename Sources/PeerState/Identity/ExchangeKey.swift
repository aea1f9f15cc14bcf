import CSodium

/// An X25519 key pair: a prekey, a Noise key, or the throw-away key of a sealed box.
package struct ExchangeKey: Sendable {
    /// What a sealed box adds to its message: a throw-away key and a tag.
    package static let sealOverhead = 48

    package let publicKey: Exchange.PublicKey
    private let secret: SecretBytes

    /// - Precondition: 32 bytes. The caller wipes its own copy.
    package init(secret bytes: [UInt8]) {
        Sodium.ready
        precondition(bytes.count == 32, "an X25519 secret is 32 bytes")
        var publicBytes = [UInt8](repeating: 0, count: 32)
        check(crypto_scalarmult_base(&publicBytes, bytes))
        guard let publicKey = Exchange.PublicKey(publicBytes) else {
            preconditionFailure("32-byte key")
        }
        self.publicKey = publicKey
        secret = SecretBytes(bytes)
    }

    package static func generate(_ entropy: inout Entropy) -> ExchangeKey {
        var bytes = entropy.bytes(32)
        defer { Sodium.wipe(&bytes) }
        return ExchangeKey(secret: bytes)
    }

    /// The shared secret with `other`; `nil` when it is all zero (a key of low order).
    package func agree(with other: Exchange.PublicKey) -> [UInt8]? {
        Cost.note(.agreement)
        var shared = [UInt8](repeating: 0, count: 32)
        let result = secret.withBytes { key in
            crypto_scalarmult(&shared, key, other.bytes)
        }
        return result == 0 ? shared : nil
    }

    /// A copy of the secret for storage; wipe it after use.
    package func secretCopy() -> [UInt8] { secret.copy() }

    /// Opens a sealed box made for this key; `nil` when it was made for another or altered.
    package func open(_ box: [UInt8]) -> [UInt8]? {
        guard box.count >= Self.sealOverhead else { return nil }
        Cost.note(.opening)
        var plain = [UInt8](repeating: 0, count: box.count - Self.sealOverhead)
        let result = secret.withBytes { key in
            crypto_box_seal_open(
                &plain, box, UInt64(box.count), publicKey.bytes,
                key)
        }
        return result == 0 ? plain : nil
    }
}

extension Identifier where Kind == Exchange {
    /// Whether a product with any scalar is zero, so that nothing may be sealed to it (PROTOCOL
    /// 4.8).
    package var isLowOrder: Bool {
        // Multiplying by any clamped scalar gives zero exactly for points of low order.
        ExchangeKey(secret: [UInt8](repeating: 1, count: 32)).agree(with: self) == nil
    }

    /// `crypto_box_seal` with its throw-away key drawn from `entropy`, so that a seed replays it.
    ///
    /// - Shape: `message.count + 48` bytes. Byte-compatible with the library's opener.
    package func seal(_ message: [UInt8], _ entropy: inout Entropy) -> [UInt8] {
        let ephemeral = ExchangeKey.generate(&entropy)
        var nonce = [UInt8](repeating: 0, count: 24)
        let material = ephemeral.publicKey.bytes + bytes
        check(crypto_generichash(&nonce, 24, material, UInt64(material.count), nil, 0))
        var box = [UInt8](repeating: 0, count: message.count + 16)
        var secret = ephemeral.secretCopy()
        defer { Sodium.wipe(&secret) }
        let result = crypto_box_easy(&box, message, UInt64(message.count), nonce, bytes, secret)
        precondition(result == 0, "sealed to a key of low order")
        return ephemeral.publicKey.bytes + box
    }
}
