package import PeerState

/// The dialler before message 1.
package struct InitiatorStart: Sendable {
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

    /// Message 1: `e`, and a payload that everybody can read.
    package consuming func send(
        _ payload: [UInt8] = []
    ) throws(NetFailure) -> (message: [UInt8], next: InitiatorWaiting) {
        let publicKey = ephemeral.publicKey.bytes
        symmetric.mixHash(publicKey)
        let message = publicKey + (try symmetric.encryptAndHash(payload))
        return (
            message,
            InitiatorWaiting(symmetric: symmetric, staticKey: staticKey, ephemeral: ephemeral)
        )
    }
}

/// The dialler between message 1 and 2.
package struct InitiatorWaiting: Sendable {
    private var symmetric: SymmetricState
    private let staticKey: ExchangeKey
    private let ephemeral: ExchangeKey

    init(symmetric: SymmetricState, staticKey: ExchangeKey, ephemeral: ExchangeKey) {
        self.symmetric = symmetric
        self.staticKey = staticKey
        self.ephemeral = ephemeral
    }

    /// Message 2: `e, ee, s, es`.
    package consuming func receive(
        _ message: [UInt8]
    ) throws(NetFailure) -> (received: Handshake.Received, next: InitiatorFinishing) {
        guard message.count >= Handshake.secondOverhead else {
            throw NetFailure(.badHandshake, "message 2 is too short")
        }
        let remoteEphemeral = try Handshake.key(message[..<32])
        symmetric.mixHash(Array(message[..<32]))
        symmetric.mixKey(try Handshake.agree(ephemeral, remoteEphemeral))
        let opened = try symmetric.decryptAndHash(Array(message[32..<80]))
        let remoteStatic = try Handshake.key(opened[...])
        symmetric.mixKey(try Handshake.agree(ephemeral, remoteStatic))
        let hash = symmetric.hash
        let payload = try symmetric.decryptAndHash(Array(message[80...]))
        return (
            Handshake.Received(payload: payload, hash: hash, remoteStatic: remoteStatic),
            InitiatorFinishing(
                symmetric: symmetric, staticKey: staticKey, remoteEphemeral: remoteEphemeral,
                remoteStatic: remoteStatic)
        )
    }
}

/// The dialler before message 3.
package struct InitiatorFinishing: Sendable {
    private var symmetric: SymmetricState
    private let staticKey: ExchangeKey
    private let remoteEphemeral: Exchange.PublicKey
    private let remoteStatic: Exchange.PublicKey

    init(
        symmetric: SymmetricState, staticKey: ExchangeKey, remoteEphemeral: Exchange.PublicKey,
        remoteStatic: Exchange.PublicKey
    ) {
        self.symmetric = symmetric
        self.staticKey = staticKey
        self.remoteEphemeral = remoteEphemeral
        self.remoteStatic = remoteStatic
    }

    /// Message 3: `s, se`; `payload` is given the hash that it signs.
    package consuming func send(
        _ payload: (_ hash: [UInt8]) -> [UInt8]
    ) throws(NetFailure) -> (message: [UInt8], transport: NoiseTransport) {
        var message = try symmetric.encryptAndHash(staticKey.publicKey.bytes)
        symmetric.mixKey(try Handshake.agree(staticKey, remoteEphemeral))
        message += try symmetric.encryptAndHash(payload(symmetric.hash))
        let (own, others) = symmetric.split()
        return (
            message,
            NoiseTransport(
                sending: own, receiving: others, handshakeHash: symmetric.hash,
                remoteStatic: remoteStatic)
        )
    }
}
