import PeerState

/// The plaintext of a reaction: one emoji.
///
/// - Shape: `[text<=32]` in CBOR (PROTOCOL 4.7).
struct ReactionText: Hashable, Sendable {
    static let emojiMax = 32

    let emoji: String

    /// - Precondition: the caller has checked the cap.
    init(_ emoji: String) { self.emoji = emoji }

    init(decoding bytes: [UInt8]) throws(Failure<WireCode>) {
        try CBORScan.check(bytes)
        var reader = CBORReader(bytes)
        guard try reader.array() >= 1 else { throw reader.wrong("reaction") }
        emoji = try reader.text(max: Self.emojiMax, "emoji")
    }

    var encoded: [UInt8] {
        var writer = CBORWriter()
        writer.array(1)
        writer.text(emoji)
        return writer.bytes
    }
}

extension MessagePlace {
    func seal(
        _ text: ReactionText, channelKey: [UInt8], _ entropy: inout Entropy
    ) -> SealedBody {
        let nonce = entropy.bytes(24)
        let ciphertext = Cipher.sealX(
            text.encoded, key: ChannelCrypto.messageKey(channelKey), nonce: nonce, associated: aad)
        return SealedBody(epoch: epoch, nonce: nonce, ciphertext: ciphertext)
    }

    /// - Errors: `undecryptable`, as for messages.
    func openReaction(
        _ sealed: SealedBody, channelKey: [UInt8]
    ) throws(Failure<RuleCode>) -> ReactionText {
        guard
            let plain = Cipher.openX(
                sealed.ciphertext, key: ChannelCrypto.messageKey(channelKey), nonce: sealed.nonce,
                associated: aad)
        else { throw Failure(.undecryptable) }
        do { return try ReactionText(decoding: plain) } catch {
            throw Failure(.undecryptable, "plaintext: \(error)")
        }
    }
}
