import PeerNet
import PeerState
import PeerTesting
import Testing

/// A dialler whose every byte is made by hand, so that each can be wrong.
struct HandDialler {
    let key: SigningKey
    let staticKey: ExchangeKey
    let incarnation = [UInt8](repeating: 5, count: 16)
    let first: [UInt8]
    private let waiting: InitiatorWaiting
    var entropy: Entropy

    init(_ key: SigningKey, network: String = "main", seed: UInt64 = 3) throws {
        self.key = key
        var entropy = Entropy.seeded(SeededRandom(seed: seed))
        staticKey = ExchangeKey.generate(&entropy)
        let start = InitiatorStart(
            prologue: Handshake.prologue(network: network), staticKey: staticKey, &entropy)
        let (first, waiting) = try start.send()
        self.first = Framer.frame(first)
        self.waiting = waiting
        self.entropy = entropy
    }

    /// The payload that an honest peer would send.
    func payload(
        _ hash: [UInt8], role: HandshakePayload.Role = .initiator, by signer: SigningKey? = nil,
        listenPort: UInt64 = 0
    ) -> [UInt8] {
        let signed = HandshakePayload.signedBytes(
            role, staticKey: staticKey.publicKey, hash: hash)
        return HandshakePayload(
            identity: key.publicKey, signature: (signer ?? key).sign(signed),
            incarnation: incarnation, features: 0, listenPort: listenPort
        ).encoded
    }

    /// Message 3 in answer to message 2, both with their lengths.
    func third(
        after second: [UInt8], _ payload: ([UInt8]) -> [UInt8]
    ) throws -> (message: [UInt8], transport: NoiseTransport) {
        let (_, finishing) = try waiting.receive(Array(second.dropFirst(2)))
        let (third, transport) = try finishing.send(payload)
        return (Framer.frame(third), transport)
    }

    /// A payload of so many bytes: the six elements and one that is ignored.
    func padded(_ payload: [UInt8], to count: Int) -> [UInt8] {
        var writer = CBORWriter()
        writer.byteString([UInt8](repeating: 0, count: count - payload.count - 3))
        return [0x87] + payload.dropFirst() + writer.bytes
    }
}

extension HonestThree {
    /// Dials and says message 1; the answer of node 0.
    func greet(
        _ dialler: HandDialler, from place: Int = HonestThree.place
    ) throws -> (link: LinkID, second: [UInt8]) {
        let link = try dial(from: place)
        write(dialler.first, on: link)
        while visitor.received[link] == nil {
            try #require(mesh.step() && !isClosed(link))
        }
        return (link, visitor.received[link] ?? [])
    }

    /// A link of a stranger who did everything right so far, and the keys of its records.
    func enter(
        _ key: SigningKey, listenPort: UInt64 = 0, for time: Milliseconds = .seconds(1),
        from place: Int = HonestThree.place
    ) throws -> (link: LinkID, transport: NoiseTransport) {
        let dialler = try HandDialler(key)
        let (link, second) = try greet(dialler, from: place)
        let (third, transport) = try dialler.third(after: second) {
            dialler.payload($0, listenPort: listenPort)
        }
        write(third, on: link)
        run(for: time)
        return (link, transport)
    }

    func expectPeace(sourceLocation: SourceLocation = #_sourceLocation) throws {
        #expect(try disturbance() == nil, sourceLocation: sourceLocation)
    }
}
