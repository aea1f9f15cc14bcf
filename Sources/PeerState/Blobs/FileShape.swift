/// How a file of some size is cut into chunks.
package struct FileShape: Hashable, Sendable {
    package let size: Int
    package let chunkSize: Int

    /// The smallest chunks that are few enough; `nil` for an empty file and for one too large.
    package init?(size: Int) {
        guard size > 0,
            let chunkSize = Limits.chunkSizes.first(where: {
                size <= $0 * Limits.maxChunks
            })
        else { return nil }
        self.size = size
        self.chunkSize = chunkSize
    }

    /// As somebody else chose it; `nil` for what PROTOCOL 7.8 does not allow.
    package init?(size: UInt64, chunkSize: UInt64) {
        guard size > 0, let known = Limits.chunkSizes.first(where: { UInt64($0) == chunkSize }),
            size <= chunkSize * UInt64(Limits.maxChunks)
        else { return nil }
        self.size = Int(size)
        self.chunkSize = known
    }

    package var count: Int { (size + chunkSize - 1) / chunkSize }

    /// Plain bytes of one chunk; only the last may be shorter.
    package func plainBytes(at index: Int) -> Int {
        precondition((0..<count).contains(index), "a file has no such chunk")
        return min(chunkSize, size - index * chunkSize)
    }

    package func sealedBytes(at index: Int) -> Int { plainBytes(at: index) + Cipher.tagByteCount }
}
