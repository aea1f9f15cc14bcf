/// Encrypted content inside an event: the epoch it is under, a nonce and a ciphertext.
///
/// - Shape: three consecutive elements of the body, not an array of their own (PROTOCOL 4.7).
package struct SealedBody: Hashable, Sendable {
    package let epoch: Epoch.ID
    package let nonce: [UInt8]
    package let ciphertext: [UInt8]

    package init(epoch: Epoch.ID, nonce: [UInt8], ciphertext: [UInt8]) {
        self.epoch = epoch
        self.nonce = nonce
        self.ciphertext = ciphertext
    }

    package init(
        from reader: inout CBORReader, ciphertextMax: Int
    ) throws(Failure<WireCode>) {
        epoch = try reader.identifier("epoch")
        nonce = try reader.byteString(exactly: 24, "nonce")
        ciphertext = try reader.byteString(max: ciphertextMax, "ciphertext")
        guard ciphertext.count >= Cipher.tagByteCount else { throw reader.wrong("ciphertext") }
    }

    package func write(to writer: inout CBORWriter) {
        writer.identifier(epoch)
        writer.byteString(nonce)
        writer.byteString(ciphertext)
    }
}
