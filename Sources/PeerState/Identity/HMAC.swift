import CSodium

/// Proofs that whoever wrote a message knows a shared secret (RFC 2104 with SHA-256).
package enum HMAC {
    package static let keyByteCount = 32

    /// - Parameter key: 32 bytes.
    package static func sha256(_ message: [UInt8], key: [UInt8]) -> [UInt8] {
        Sodium.ready
        precondition(key.count == keyByteCount, "HMAC-SHA256 takes a key of 32 bytes here")
        var tag = [UInt8](repeating: 0, count: 32)
        check(crypto_auth_hmacsha256(&tag, message, UInt64(message.count), key))
        return tag
    }

    /// Whether a tag belongs to a message; takes the same time wherever they differ.
    package static func isSHA256(_ tag: [UInt8], of message: [UInt8], key: [UInt8]) -> Bool {
        Sodium.ready
        guard tag.count == 32, key.count == keyByteCount else { return false }
        return crypto_auth_hmacsha256_verify(tag, message, UInt64(message.count), key) == 0
    }
}
