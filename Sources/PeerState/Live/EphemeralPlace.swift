/// What ties the ciphertext of an ephemeral message to its author, counter and topic; under another
/// one it does not open.
///
/// - Source: PROTOCOL 7.4 and 11.
package struct EphemeralPlace: Hashable, Sendable {
    package let server: Server.ID
    package let epoch: Epoch.ID
    package let author: Peer.ID
    package let counter: UInt64
    package let topic: UInt64

    package init(
        server: Server.ID, epoch: Epoch.ID, author: Peer.ID, counter: UInt64, topic: UInt64
    ) {
        self.server = server
        self.epoch = epoch
        self.author = author
        self.counter = counter
        self.topic = topic
    }

    package var aad: [UInt8] {
        var writer = CBORWriter()
        writer.array(6)
        writer.text("peer-agent/ephemeral/1")
        writer.identifier(server)
        writer.identifier(epoch)
        writer.identifier(author)
        writer.unsigned(counter)
        writer.unsigned(topic)
        return writer.bytes
    }

    /// - Parameters:
    ///   - channelKey: the key of `epoch`, 32 bytes.
    ///   - nonce: 24 random bytes.
    package func seal(_ plain: [UInt8], channelKey: [UInt8], nonce: [UInt8]) -> [UInt8] {
        Cipher.sealX(plain, key: Self.key(channelKey), nonce: nonce, associated: aad)
    }

    /// Returns `nil` when key, place and ciphertext do not belong together.
    package func open(_ sealed: [UInt8], channelKey: [UInt8], nonce: [UInt8]) -> [UInt8]? {
        Cipher.openX(sealed, key: Self.key(channelKey), nonce: nonce, associated: aad)
    }

    private static func key(_ channelKey: [UInt8]) -> [UInt8] {
        Sodium.hash(key: channelKey, "peer-agent/key/ephemeral/1").bytes
    }
}
