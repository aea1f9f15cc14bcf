package import PeerState

/// The listener before message 1.
package struct ResponderStart: Sendable {
    private var symmetric: SymmetricState
    private let staticKey: ExchangeKey
    private let ephemeral: ExchangeKey

    package init(prologue: [UInt8], staticKey: ExchangeKey, ephemeral: ExchangeKey) {
        symmetric = SymmetricState(prologue: prologue)
        self.staticKey = staticKey
        self.ephemeral = ephemeral
    }

    package init(prologue: [UInt8], staticKey: ExchangeKey, _ entropy: inout Entropy) {
        self.init(
            prologue: prologue, staticKey: staticKey, ephemeral: ExchangeKey.generate(&entropy))
    }

    /// Message 1: `e`, and whatever readable payload follows it.
    package consuming func receive(
        _ message: [UInt8]
    ) throws(NetFailure) -> (payload: [UInt8], next: ResponderReplying) {
        guard message.count >= 32 else {
            throw NetFailure(.badHandshake, "message 1 is too short")
        }
        let remoteEphemeral = try Handshake.key(message[..<32])
        symmetric.mixHash(Array(message[..<32]))
        let payload = try symmetric.decryptAndHash(Array(message[32...]))
        return (
            payload,
            ResponderReplying(
                symmetric: symmetric, staticKey: staticKey, ephemeral: ephemeral,
                remoteEphemeral: remoteEphemeral)
        )
    }
}

/// The listener before message 2.
package struct ResponderReplying: Sendable {
    private var symmetric: SymmetricState
    private let staticKey: ExchangeKey
    private let ephemeral: ExchangeKey
    private let remoteEphemeral: Exchange.PublicKey

    init(
        symmetric: SymmetricState, staticKey: ExchangeKey, ephemeral: ExchangeKey,
        remoteEphemeral: Exchange.PublicKey
    ) {
        self.symmetric = symmetric
        self.staticKey = staticKey
        self.ephemeral = ephemeral
        self.remoteEphemeral = remoteEphemeral
    }

    /// Message 2: `e, ee, s, es`; `payload` is given the hash that it signs.
    package consuming func send(
        _ payload: (_ hash: [UInt8]) -> [UInt8]
    ) throws(NetFailure) -> (message: [UInt8], next: ResponderWaiting) {
        var message = ephemeral.publicKey.bytes
        symmetric.mixHash(message)
        symmetric.mixKey(try Handshake.agree(ephemeral, remoteEphemeral))
        message += try symmetric.encryptAndHash(staticKey.publicKey.bytes)
        symmetric.mixKey(try Handshake.agree(staticKey, remoteEphemeral))
        message += try symmetric.encryptAndHash(payload(symmetric.hash))
        return (message, ResponderWaiting(symmetric: symmetric, ephemeral: ephemeral))
    }
}

/// The listener between message 2 and 3.
package struct ResponderWaiting: Sendable {
    private var symmetric: SymmetricState
    private let ephemeral: ExchangeKey

    init(symmetric: SymmetricState, ephemeral: ExchangeKey) {
        self.symmetric = symmetric
        self.ephemeral = ephemeral
    }

    /// Message 3: `s, se`.
    package consuming func receive(
        _ message: [UInt8]
    ) throws(NetFailure) -> (received: Handshake.Received, transport: NoiseTransport) {
        guard message.count >= Handshake.thirdOverhead else {
            throw NetFailure(.badHandshake, "message 3 is too short")
        }
        let opened = try symmetric.decryptAndHash(Array(message[..<48]))
        let remoteStatic = try Handshake.key(opened[...])
        symmetric.mixKey(try Handshake.agree(ephemeral, remoteStatic))
        let hash = symmetric.hash
        let payload = try symmetric.decryptAndHash(Array(message[48...]))
        let (others, own) = symmetric.split()
        return (
            Handshake.Received(payload: payload, hash: hash, remoteStatic: remoteStatic),
            NoiseTransport(
                sending: own, receiving: others, handshakeHash: symmetric.hash,
                remoteStatic: remoteStatic)
        )
    }
}
