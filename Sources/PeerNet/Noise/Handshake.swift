package import PeerState

/// Names of the XX pattern: `-> e`, `<- e, ee, s, es`, `-> s, se`, one type per step.
///
/// A step consumes its state and gives the next one, so a message in the wrong order does not
/// compile. Every failure is `badHandshake`. Source: Noise specification 7.5, PROTOCOL 8.1.
package enum Handshake {
    /// What a message carried, with the hash that its payload is signed over.
    package struct Received: Sendable {
        package let payload: [UInt8]
        /// `h` immediately before the payload was encrypted.
        package let hash: [UInt8]
        /// The sender's static key.
        package let remoteStatic: Exchange.PublicKey
    }

    /// `"peer-agent/1" ‖ 0x00 ‖ network id`: another version or network fails the handshake.
    package static func prologue(network: String) -> [UInt8] {
        Array("peer-agent/1".utf8) + [0] + Array(network.utf8)
    }

    /// Bytes of message 2 and 3 around their payload.
    package static let secondOverhead = 32 + 48 + 16
    package static let thirdOverhead = 48 + 16

    static func key(_ bytes: ArraySlice<UInt8>) throws(NetFailure) -> Exchange.PublicKey {
        guard let key = Exchange.PublicKey(bytes) else {
            throw NetFailure(.badHandshake, "a message is too short")
        }
        return key
    }

    static func agree(
        _ own: ExchangeKey, _ other: Exchange.PublicKey
    ) throws(NetFailure) -> [UInt8] {
        guard let shared = own.agree(with: other) else {
            throw NetFailure(.badHandshake, "the shared secret is all zero")
        }
        return shared
    }
}

/// What both sides hold after the last message.
package struct NoiseTransport: Sendable {
    package var sending: CipherState
    package var receiving: CipherState
    /// Binds anything said later to this handshake.
    package let handshakeHash: [UInt8]
    package let remoteStatic: Exchange.PublicKey
}
