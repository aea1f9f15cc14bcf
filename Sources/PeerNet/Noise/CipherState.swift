import PeerState

/// One direction's key and counter (Noise specification 5.1).
///
/// - Errors: `badHandshake` or `badFrame`, as the owner chooses, for bytes that do not
///   authenticate;
///   `nonceExhausted` at 2⁶⁴ − 1. After an error the counter has not moved.
package struct CipherState: Sendable {
    private var key: [UInt8]
    /// The counter of the next message; no value is ever used twice with one key.
    package private(set) var nonce: UInt64

    /// - Precondition: 32 bytes.
    package init(key: [UInt8], nonce: UInt64 = 0) {
        precondition(key.count == 32, "a cipher key is 32 bytes")
        self.key = key
        self.nonce = nonce
    }

    /// - Shape: `plain.count + 16` bytes.
    package mutating func encrypt(
        _ plain: [UInt8], associated: [UInt8] = []
    ) throws(NetFailure) -> [UInt8] {
        guard nonce < UInt64.max else { throw Self.exhausted }
        defer { nonce += 1 }
        return Cipher.seal(plain, key: key, counter: nonce, associated: associated)
    }

    package mutating func decrypt(
        _ sealed: [UInt8], associated: [UInt8] = [], else code: NetCode = .badFrame
    ) throws(NetFailure) -> [UInt8] {
        guard nonce < UInt64.max else { throw Self.exhausted }
        guard let plain = Cipher.open(sealed, key: key, counter: nonce, associated: associated)
        else { throw NetFailure(code, Self.forged(code)) }
        nonce += 1
        return plain
    }

    /// REKEY: the next key is what the reserved counter encrypts; the counter goes on.
    package mutating func rekey() {
        let zeros = [UInt8](repeating: 0, count: 32)
        var next = Cipher.seal(zeros, key: key, counter: UInt64.max, associated: [])
        next.removeLast(Cipher.tagByteCount)
        Sodium.wipe(&key)
        key = next
    }

    private static func forged(_ code: NetCode) -> String {
        let cause = code == .badHandshake ? ": another version or network, or altered" : ""
        return "a message does not authenticate\(cause)"
    }

    private static let exhausted = NetFailure(.nonceExhausted, "the counter is at its end")
}
