import PeerState

/// The running hash and chaining key of a handshake (Noise specification 5.2).
struct SymmetricState: Sendable {
    static let protocolName = "Noise_XX_25519_ChaChaPoly_SHA256"

    /// `h`: covers everything both sides have seen so far.
    private(set) var hash: [UInt8]
    private var chainingKey: [UInt8]
    private var cipher: CipherState?

    init(prologue: [UInt8]) {
        let name = Array(Self.protocolName.utf8)
        precondition(name.count == 32, "a name of exactly one hash length is used as it is")
        hash = name
        chainingKey = name
        mixHash(prologue)
    }

    mutating func mixHash(_ bytes: [UInt8]) {
        hash = Cipher.sha256(hash + bytes)
    }

    mutating func mixKey(_ material: [UInt8]) {
        let (first, second) = Self.hkdf(chainingKey, material)
        chainingKey = first
        cipher = CipherState(key: second)
    }

    /// Encrypts once a key is there; before that the bytes pass unchanged.
    mutating func encryptAndHash(_ plain: [UInt8]) throws(NetFailure) -> [UInt8] {
        let output = try cipher?.encrypt(plain, associated: hash) ?? plain
        mixHash(output)
        return output
    }

    mutating func decryptAndHash(_ sealed: [UInt8]) throws(NetFailure) -> [UInt8] {
        let plain =
            try cipher?.decrypt(sealed, associated: hash, else: .badHandshake) ?? sealed
        mixHash(sealed)
        return plain
    }

    /// The ciphers of both directions; the first is the initiator's for sending.
    func split() -> (initiator: CipherState, responder: CipherState) {
        let (first, second) = Self.hkdf(chainingKey, [])
        return (CipherState(key: first), CipherState(key: second))
    }

    /// HKDF with two outputs, as the specification writes it.
    private static func hkdf(
        _ chainingKey: [UInt8], _ material: [UInt8]
    ) -> ([UInt8], [UInt8]) {
        let temporary = Cipher.hmacSHA256(key: chainingKey, material)
        let first = Cipher.hmacSHA256(key: temporary, [1])
        return (first, Cipher.hmacSHA256(key: temporary, first + [2]))
    }
}
