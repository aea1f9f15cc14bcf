import CSodium

/// Authenticated encryption: what channels use (XChaCha20) and what links use (ChaCha20, Noise).
package enum Cipher {
    package static let tagByteCount = 16

    /// XChaCha20-Poly1305-IETF. `key` 32 bytes, `nonce` 24.
    package static func sealX(
        _ plain: [UInt8], key: [UInt8], nonce: [UInt8], associated: [UInt8]
    ) -> [UInt8] {
        Sodium.ready
        precondition(key.count == 32 && nonce.count == 24, "XChaCha20 takes 32 and 24 bytes")
        var output = [UInt8](repeating: 0, count: plain.count + tagByteCount)
        check(
            crypto_aead_xchacha20poly1305_ietf_encrypt(
                &output, nil, plain, UInt64(plain.count), associated, UInt64(associated.count), nil,
                nonce, key))
        return output
    }

    /// The plaintext, or `nil` when key, nonce, associated data or ciphertext do not belong
    /// together.
    package static func openX(
        _ sealed: [UInt8], key: [UInt8], nonce: [UInt8], associated: [UInt8]
    ) -> [UInt8]? {
        Sodium.ready
        guard sealed.count >= tagByteCount, key.count == 32, nonce.count == 24 else { return nil }
        Cost.note(.opening)
        var output = [UInt8](repeating: 0, count: sealed.count - tagByteCount)
        let result = crypto_aead_xchacha20poly1305_ietf_decrypt(
            &output, nil, nil, sealed, UInt64(sealed.count), associated, UInt64(associated.count),
            nonce, key)
        return result == 0 ? output : nil
    }

    /// ChaCha20-Poly1305-IETF with Noise's nonce: four zero bytes, then `counter` little-endian.
    package static func seal(
        _ plain: [UInt8], key: [UInt8], counter: UInt64, associated: [UInt8]
    ) -> [UInt8] {
        Sodium.ready
        var output = [UInt8](repeating: 0, count: plain.count + tagByteCount)
        check(
            crypto_aead_chacha20poly1305_ietf_encrypt(
                &output, nil, plain, UInt64(plain.count), associated, UInt64(associated.count), nil,
                noiseNonce(counter), key))
        return output
    }

    /// The reverse of `seal`; `nil` when the tag does not match.
    package static func open(
        _ sealed: [UInt8], key: [UInt8], counter: UInt64, associated: [UInt8]
    ) -> [UInt8]? {
        Sodium.ready
        guard sealed.count >= tagByteCount else { return nil }
        var output = [UInt8](repeating: 0, count: sealed.count - tagByteCount)
        let result = crypto_aead_chacha20poly1305_ietf_decrypt(
            &output, nil, nil, sealed, UInt64(sealed.count), associated, UInt64(associated.count),
            noiseNonce(counter), key)
        return result == 0 ? output : nil
    }

    private static func noiseNonce(_ counter: UInt64) -> [UInt8] {
        [0, 0, 0, 0] + withUnsafeBytes(of: counter.littleEndian) { Array($0) }
    }

    package static func sha256(_ bytes: [UInt8]) -> [UInt8] {
        var output = [UInt8](repeating: 0, count: 32)
        check(crypto_hash_sha256(&output, bytes, UInt64(bytes.count)))
        return output
    }

    /// HMAC-SHA256 with a key of any length.
    package static func hmacSHA256(key: [UInt8], _ bytes: [UInt8]) -> [UInt8] {
        var state = crypto_auth_hmacsha256_state()
        var output = [UInt8](repeating: 0, count: 32)
        check(crypto_auth_hmacsha256_init(&state, key, key.count))
        check(crypto_auth_hmacsha256_update(&state, bytes, UInt64(bytes.count)))
        check(crypto_auth_hmacsha256_final(&state, &output))
        return output
    }
}
