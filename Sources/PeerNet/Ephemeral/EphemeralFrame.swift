package import PeerState

/// One signed message that nobody stores, as it travels.
///
/// - Shape: frame 27 of PROTOCOL 11; the payload is ciphertext for topics 1 to 5.
/// - Bounds: `Limits.ephemeralPayload`, `Limits.ephemeralTTL`.
package struct EphemeralFrame: Hashable, Sendable {
    package var server: Server.ID
    package var author: Peer.ID
    /// Grows with every message of one life of an author.
    package var counter: UInt64
    /// The author's clock, ms since 1970.
    package var sentMilliseconds: UInt64
    package var ttlMilliseconds: UInt64
    /// A number, because later versions may have more topics.
    package var topic: UInt64
    package var epoch: Epoch.ID?
    /// 24 bytes.
    package var nonce: [UInt8]?
    package var payload: [UInt8]
    package var signature: Signature

    static let nonceByteCount = 24
    private static let domain = Array("peer-agent/ephemeral/1".utf8)

    /// Signs what is to be said.
    package init(
        server: Server.ID, topic: EphemeralTopic, counter: UInt64, sentMilliseconds: UInt64,
        sealing: Sealing?, payload: [UInt8], by key: SigningKey
    ) {
        self.server = server
        author = key.publicKey
        self.counter = counter
        self.sentMilliseconds = sentMilliseconds
        ttlMilliseconds = topic.life.count
        self.topic = topic.rawValue
        epoch = sealing?.epoch
        nonce = sealing?.nonce
        self.payload = payload
        signature = key.sign([])  // Replaced below, when all that it covers is set.
        signature = key.sign(signedBytes)
    }

    /// The epoch and the nonce a payload is sealed with.
    package struct Sealing: Sendable {
        package var epoch: Epoch.ID
        package var nonce: [UInt8]

        package init(epoch: Epoch.ID, nonce: [UInt8]) {
            self.epoch = epoch
            self.nonce = nonce
        }
    }

    /// What the signature covers.
    package var signedBytes: [UInt8] {
        var writer = CBORWriter(reserving: payload.count + 256)
        writer.array(9)
        writeElements(&writer)
        return Self.domain + writer.bytes
    }

    package var isSigned: Bool { signature.isValid(for: signedBytes, by: author) }

    /// Where the ciphertext belongs; `nil` for what is not sealed.
    package var place: EphemeralPlace? {
        epoch.map {
            EphemeralPlace(
                server: server, epoch: $0, author: author, counter: counter, topic: topic)
        }
    }

    private func writeElements(_ writer: inout CBORWriter) {
        writer.identifier(server)
        writer.identifier(author)
        writer.unsigned(counter)
        writer.unsigned(sentMilliseconds)
        writer.unsigned(ttlMilliseconds)
        writer.unsigned(topic)
        writer.optional(epoch) { $0.identifier($1) }
        writer.optional(nonce) { $0.byteString($1) }
        writer.byteString(payload)
    }

    func write(to frame: inout FrameWriter) {
        frame.begin(10)
        writeElements(&frame.writer)
        frame.writer.byteString(signature.bytes)
    }

    /// Reads what follows the server.
    ///
    /// - Errors: `badField` for a missing element, another type, or one above its bound.
    init(from frame: inout FrameReader) throws(Failure<WireCode>) {
        server = try frame.server(followedBy: 9)
        author = try frame.reader.identifier("author")
        counter = try frame.reader.unsigned("counter")
        sentMilliseconds = try frame.reader.unsigned("sent")
        ttlMilliseconds = try frame.reader.unsigned(in: 0...Limits.ephemeralTTL.count, "ttl")
        topic = try frame.reader.unsigned("topic")
        epoch = try frame.reader.optionalIdentifier("epoch")
        nonce =
            try frame.reader.isNull()
            ? nil : try frame.reader.byteString(exactly: Self.nonceByteCount, "nonce")
        payload = try frame.reader.byteString(max: Limits.ephemeralPayload, "payload")
        let bytes = try frame.reader.byteString(exactly: Signature.byteCount, "signature")
        guard let signature = Signature(bytes) else { throw Failure(.badField, "signature") }
        self.signature = signature
    }
}
