import PeerState

/// Whether a file is what its message says, found while it is read in order.
final class FileProof {
    let digest: Digest.Value
    /// The number of the chunk that comes next.
    private(set) var next = 0
    private var hash = StreamHash("peer-agent/file/1")
    private var found: Digest.Value?

    init(_ digest: Digest.Value) {
        self.digest = digest
    }

    /// Takes the next chunk; another one changes nothing.
    func add(_ plain: [UInt8], at index: Int) {
        guard index == next, found == nil else { return }
        hash.add(plain)
        next += 1
    }

    /// After the last chunk.
    var isRight: Bool {
        if found == nil { found = hash.finish() }
        return found == digest
    }
}
