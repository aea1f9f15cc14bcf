import PeerNet
import PeerState
import Testing

@Suite struct HandshakePayloadTests {
    private static let key = SigningKey(seed: [UInt8](repeating: 1, count: 32))

    private static func payload() -> HandshakePayload {
        HandshakePayload(
            identity: key.publicKey, signature: key.sign([1]),
            incarnation: [UInt8](repeating: 3, count: 16), features: 2, listenPort: 4646)
    }

    @Test func `the published payload is read, checked and made again`() throws {
        guard let vector = try NetVectors.payload() else { return }
        let bytes = try #require([UInt8](hex: vector.payload))
        let payload = try HandshakePayload(decoding: bytes)
        let staticKey = try #require(Exchange.PublicKey(hex: vector.staticPublic))
        let hash = try #require([UInt8](hex: vector.handshakeHash))
        #expect(payload.identity.hex == vector.identity)
        #expect(payload.signature.bytes.hex == vector.signature)
        #expect(payload.incarnation.hex == vector.incarnation)
        #expect(payload.features == vector.features && payload.listenPort == vector.port)
        #expect(payload.encoded == bytes)
        #expect(payload.isSigned(.responder, staticKey: staticKey, hash: hash))
        #expect(!payload.isSigned(.initiator, staticKey: staticKey, hash: hash))
        #expect(!payload.isSigned(.responder, staticKey: staticKey, hash: hash + [0]))
        let other = Exchange.PublicKey(payload.identity)
        #expect(!payload.isSigned(.responder, staticKey: other, hash: hash))
    }

    @Test func `every truncation and every further byte is refused`() throws {
        let bytes = Self.payload().encoded
        for length in 0..<bytes.count {
            let failure = #expect(throws: NetFailure.self) {
                try HandshakePayload(decoding: Array(bytes.prefix(length)))
            }
            #expect(failure?.code == .badHandshake)
        }
        #expect(throws: NetFailure.self) { try HandshakePayload(decoding: bytes + [0]) }
    }

    @Test func `elements beyond the six are ignored`() throws {
        var bytes = Self.payload().encoded
        bytes[0] = 0x87
        #expect(try HandshakePayload(decoding: bytes + [0xf6]) == Self.payload())
    }

    @Test func `another version, and a payload beyond its bound, are refused`() {
        var bytes = Self.payload().encoded
        bytes[1] = 2
        #expect(throws: NetFailure.self) { try HandshakePayload(decoding: bytes) }
        bytes[1] = 1
        bytes[0] = 0x87
        func padded(to count: Int) -> [UInt8] {
            var writer = CBORWriter()
            writer.byteString([UInt8](repeating: 0, count: count - bytes.count - 3))
            return bytes + writer.bytes
        }
        #expect(padded(to: Limits.maxHandshakePayload).count == Limits.maxHandshakePayload)
        #expect(throws: Never.self) {
            try HandshakePayload(decoding: padded(to: Limits.maxHandshakePayload))
        }
        #expect(throws: NetFailure.self) {
            try HandshakePayload(decoding: padded(to: Limits.maxHandshakePayload + 1))
        }
    }
}
