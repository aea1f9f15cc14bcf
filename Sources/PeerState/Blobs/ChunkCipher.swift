/// Seals and opens the chunks of one file, each bound to its place among all of them.
///
/// - Source: PROTOCOL 7.8. Pure; a chunk of 4 MiB takes some milliseconds.
package struct ChunkCipher: Hashable, Sendable {
    private let key: [UInt8]
    private let prefix: [UInt8]
    private let count: Int

    /// - Parameters:
    ///   - key: 32 bytes of this file alone.
    ///   - prefix: 16 bytes that begin every nonce.
    package init(key: [UInt8], prefix: [UInt8], count: Int) {
        precondition(key.count == 32 && prefix.count == 16, "a file key has 32 bytes, a prefix 16")
        self.key = key
        self.prefix = prefix
        self.count = count
    }

    package func seal(_ plain: [UInt8], at index: Int) -> [UInt8] {
        Cipher.sealX(plain, key: key, nonce: nonce(index), associated: associated(index))
    }

    /// `nil` when the ciphertext is not this chunk of this file.
    package func open(_ ciphertext: [UInt8], at index: Int) -> [UInt8]? {
        Cipher.openX(ciphertext, key: key, nonce: nonce(index), associated: associated(index))
    }

    private func nonce(_ index: Int) -> [UInt8] {
        prefix + withUnsafeBytes(of: UInt64(index).bigEndian) { Array($0) }
    }

    private func associated(_ index: Int) -> [UInt8] {
        var writer = CBORWriter(reserving: 32)
        writer.array(3)
        writer.text("peer-agent/chunk/1")
        writer.unsigned(UInt64(index))
        writer.unsigned(UInt64(count))
        return writer.bytes
    }
}
