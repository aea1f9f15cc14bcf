/// The formulas that turn a channel key into epochs, commitments and sealed messages.
///
/// - Source: PROTOCOL 7.2 and 7.4. Pure functions; keys are 32 bytes.
package enum ChannelCrypto {
    package static func context(
        server: Server.ID, channel: Channel.ID, author: Peer.ID, salt: [UInt8]
    ) -> Digest.Value {
        Sodium.hash("peer-agent/epoch/1", server.bytes, channel.bytes, author.bytes, salt)
    }

    package static func commitment(key: [UInt8], context: Digest.Value) -> Digest.Value {
        Sodium.hash(key: key, "peer-agent/commit/1", context.bytes)
    }

    /// - Parameter recipients: in any order; hashed in ascending order.
    package static func readersDigest(_ recipients: [Peer.ID]) -> Digest.Value {
        var joined: [UInt8] = []
        joined.reserveCapacity(recipients.count * 32)
        for recipient in recipients.sorted() { recipient.append(to: &joined) }
        return Sodium.hash("peer-agent/readers/1", joined)
    }

    package static func messageKey(_ key: [UInt8]) -> [UInt8] {
        Sodium.hash(key: key, "peer-agent/key/message/1").bytes
    }

    /// The key of a parent epoch wrapped under the new one: nonce, then ciphertext; 104 bytes.
    package static func sealPrevious(
        _ parentKey: [UInt8], parent: Epoch.ID, under key: [UInt8], in place: PreviousPlace,
        _ entropy: inout Entropy
    ) -> [UInt8] {
        let nonce = entropy.bytes(24)
        let sealed = Cipher.sealX(
            parentKey + parent.bytes, key: key, nonce: nonce, associated: place.aad(parent))
        return nonce + sealed
    }

    /// The parent's key, or `nil` when the box does not open or names another epoch.
    package static func openPrevious(
        _ box: [UInt8], parent: Epoch.ID, under key: [UInt8], in place: PreviousPlace
    ) -> [UInt8]? {
        guard box.count == KeyRotated.prevBoxByteCount,
            let plain = Cipher.openX(
                Array(box[24...]), key: key, nonce: Array(box[..<24]),
                associated: place.aad(parent)),
            Array(plain[32...]) == parent.bytes
        else { return nil }
        return Array(plain[..<32])
    }

    /// Where a box for a parent's key stands.
    package struct PreviousPlace {
        let server: Server.ID
        let channel: Channel.ID
        let context: Digest.Value

        package init(server: Server.ID, channel: Channel.ID, context: Digest.Value) {
            self.server = server
            self.channel = channel
            self.context = context
        }

        func aad(_ parent: Epoch.ID) -> [UInt8] {
            var writer = CBORWriter()
            writer.array(5)
            writer.text("peer-agent/prevbox/1")
            writer.identifier(server)
            writer.identifier(channel)
            writer.identifier(context)
            writer.identifier(parent)
            return writer.bytes
        }
    }
}

/// The one place in one chain that a ciphertext belongs to; moved elsewhere it does not open.
package struct MessagePlace: Hashable, Sendable {
    package let server: Server.ID
    package let channel: Channel.ID
    package let epoch: Epoch.ID
    package let commit: Digest.Value
    package let author: Peer.ID
    package let seq: UInt64
    package let prev: Event.ID?
    package let kind: UInt64

    package init(
        server: Server.ID, channel: Channel.ID, epoch: Epoch.ID, commit: Digest.Value,
        author: Peer.ID, seq: UInt64, prev: Event.ID?, kind: UInt64
    ) {
        self.server = server
        self.channel = channel
        self.epoch = epoch
        self.commit = commit
        self.author = author
        self.seq = seq
        self.prev = prev
        self.kind = kind
    }

    package var aad: [UInt8] {
        var writer = CBORWriter()
        writer.array(9)
        writer.text("peer-agent/message/1")
        writer.identifier(server)
        writer.identifier(channel)
        writer.identifier(epoch)
        writer.identifier(commit)
        writer.identifier(author)
        writer.unsigned(seq)
        writer.optional(prev) { $0.identifier($1) }
        writer.unsigned(kind)
        return writer.bytes
    }

    package func seal(
        _ text: MessageText, channelKey: [UInt8], _ entropy: inout Entropy
    ) -> SealedBody {
        let nonce = entropy.bytes(24)
        let ciphertext = Cipher.sealX(
            text.encoded, key: ChannelCrypto.messageKey(channelKey), nonce: nonce, associated: aad)
        return SealedBody(epoch: epoch, nonce: nonce, ciphertext: ciphertext)
    }

    /// - Errors: `undecryptable` when key, place or ciphertext do not belong together, or the
    ///   plaintext is no message.
    package func open(
        _ sealed: SealedBody, channelKey: [UInt8]
    ) throws(Failure<RuleCode>) -> MessageText {
        guard
            let plain = Cipher.openX(
                sealed.ciphertext, key: ChannelCrypto.messageKey(channelKey), nonce: sealed.nonce,
                associated: aad)
        else { throw Failure(.undecryptable) }
        do {
            return try MessageText(decoding: plain)
        } catch {
            throw Failure(.undecryptable, "plaintext: \(error)")
        }
    }
}

/// The plaintext of a message: its text and the members it mentions.
package struct MessageText: Hashable, Sendable {
    package static let mentionsMax = 32
    package static let attachmentsMax = 8

    package let text: String
    package let mentions: [Peer.ID]
    /// Each encoded, as `Attachment` reads them.
    package let attachments: [[UInt8]]

    /// - Precondition: the caller has checked the caps.
    package init(_ text: String, mentions: [Peer.ID], attachments: [Attachment] = []) {
        self.text = text
        self.mentions = mentions
        self.attachments = attachments.map(\.encoded)
    }

    init(decoding bytes: [UInt8]) throws(Failure<WireCode>) {
        try CBORScan.check(bytes)
        var reader = CBORReader(bytes)
        guard try reader.array() >= 3 else { throw reader.wrong("message text") }
        text = try reader.text(max: Limits.maxText, "text")
        mentions = try reader.identifiers(max: Self.mentionsMax, sorted: false, "mentions")
        var attachments: [[UInt8]] = []
        for _ in 0..<(try reader.array(max: Self.attachmentsMax, "attachments")) {
            attachments.append(try reader.rawItem())
        }
        self.attachments = attachments
    }

    package var encoded: [UInt8] {
        var writer = CBORWriter()
        writer.array(3)
        writer.text(text)
        writer.identifiers(mentions)
        writer.array(attachments.count)
        for attachment in attachments { writer.encoded(attachment) }
        return writer.bytes
    }
}
