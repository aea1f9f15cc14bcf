/// A signed event as it travels and is stored: payload bytes and a signature over them.
///
/// - Source: PROTOCOL 3.1. The id covers the payload alone, so two signatures are one event.
package struct Envelope: Hashable, Sendable {
    package static let domain = "peer-agent/event/1"

    package let payload: [UInt8]
    package let signature: Signature
    package let id: Event.ID
    /// All of it, as it travels.
    package let bytes: [UInt8]

    /// Steps 1 and 2 of insertion: size, then strict decoding.
    ///
    /// - Errors: `tooLarge`, `cbor…`, `badEnvelope`.
    package init(decoding bytes: [UInt8]) throws(Failure<WireCode>) {
        guard bytes.count <= Limits.maxEnvelope else { throw Failure(.tooLarge) }
        try CBORScan.check(bytes)
        var reader = CBORReader(bytes, mismatch: .badEnvelope)
        try reader.array(exactly: 2, "envelope")
        payload = try reader.byteString("payload")
        let signatureBytes = try reader.byteString(exactly: Signature.byteCount, "signature")
        guard let signature = Signature(signatureBytes) else { throw Failure(.badEnvelope) }
        self.signature = signature
        id = Self.id(of: payload)
        // There is one way to write it, so these are the bytes that this one would write.
        self.bytes = bytes
    }

    /// Signs `payload` with the author's key.
    package init(payload: [UInt8], key: SigningKey) {
        self.payload = payload
        signature = key.sign(Self.signed(payload))
        id = Self.id(of: payload)
        var writer = CBORWriter(reserving: payload.count + 72)
        writer.array(2)
        writer.byteString(payload)
        writer.byteString(signature.bytes)
        bytes = writer.bytes
    }

    package var byteCount: Int { bytes.count }

    package static func byteCount(ofPayload count: Int) -> Int {
        let head = count < 24 ? 1 : count < 256 ? 2 : count < 65_536 ? 3 : 5
        return 1 + head + count + 2 + Signature.byteCount
    }

    package func isSigned(by author: Peer.ID) -> Bool {
        signature.isValid(for: Self.signed(payload), by: author)
    }

    package static func id(of payload: [UInt8]) -> Event.ID {
        Event.ID(Sodium.hash(domain, payload))
    }

    private static func signed(_ payload: [UInt8]) -> [UInt8] {
        Array(domain.utf8) + payload
    }
}
