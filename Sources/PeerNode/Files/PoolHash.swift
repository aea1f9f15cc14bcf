import PeerNet
import PeerState

/// The protocol's hash over bytes that come in order, made on the worker pool.
///
/// A few milliseconds of work are done in slices, so that a signature check that comes meanwhile
/// waits for one of them and never for a whole chunk.
actor PoolHash {
    private var hash: StreamHash
    private var found: Digest.Value?

    init(_ domain: String) {
        hash = StreamHash(domain)
    }

    /// - Precondition: one call at a time, before `finish`.
    nonisolated func add(_ bytes: [UInt8]) async {
        await withTaskExecutorPreference(WorkerPool.shared) {
            for start in stride(from: 0, to: bytes.count, by: Limits.hashSlice) {
                await add(bytes[start..<min(start + Limits.hashSlice, bytes.count)])
                await Task.yield()
            }
        }
    }

    private func add(_ slice: ArraySlice<UInt8>) {
        hash.add(slice)
    }

    func finish() -> Digest.Value {
        if let found { return found }
        let value = hash.finish()
        found = value
        return value
    }

    /// Whether a chunk is what its name says.
    static func isRight(_ ciphertext: [UInt8], _ id: Chunk.ID) async -> Bool {
        let hash = PoolHash(Chunk.domain)
        await hash.add(ciphertext)
        return await hash.finish() == id
    }
}
