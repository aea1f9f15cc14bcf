import PeerNet
import PeerState

/// Whether a file is what its message says, found while it is read in order.
struct FileProof {
    let digest: Digest.Value
    /// The number of the chunk that comes next.
    private(set) var next = 0
    /// The latest chunk is hashed, and the one before it.
    private(set) var latest: Task<Void, Never>?
    private(set) var earlier: Task<Void, Never>?
    private let hash = PoolHash("peer-agent/file/1")

    init(_ digest: Digest.Value) {
        self.digest = digest
    }

    /// Hashes the next chunk once it is open; another one changes nothing.
    mutating func follow(_ opening: OpenedChunks.Opening, at index: Int) {
        guard index == next else { return }
        next += 1
        earlier = latest
        latest = Task(executorPreference: WorkerPool.shared) { [hash, before = latest] in
            await before?.value
            // One that does not open fails whoever reads it, and this proof goes.
            if let plain = await opening.value { await hash.add(plain) }
        }
    }

    /// After the last chunk.
    func isRight() async -> Bool {
        await latest?.value
        return await hash.finish() == digest
    }
}
