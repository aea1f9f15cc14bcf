import PeerNet
import PeerState

/// Chunks that the worker pool opens for who reads files, and what is known of those files so far.
///
/// - Bound: `Limits.openChunks`, and two more of each file that is read faster than it is hashed.
struct OpenedChunks {
    /// The plain bytes; `nil` when the ciphertext is not this chunk of this file.
    typealias Opening = Task<[UInt8]?, Never>

    private struct Entry {
        let id: Chunk.ID
        let file: Digest.Value
        let index: Int
        let opening: Opening
    }

    private var entries: [Entry] = []
    private var proofs: [FileProof] = []

    /// One that was begun.
    func opening(_ file: Attachment, at index: Int) -> Opening? {
        entries.first { $0.id == file.chunks[index] }?.opening
    }

    mutating func open(_ ciphertext: [UInt8], _ file: Attachment, at index: Int) -> Opening {
        let earlier = proofs.first { $0.digest == file.digest }?.earlier
        let opening = Opening(executorPreference: WorkerPool.shared) { [cipher = file.cipher] in
            // Who reads faster than this machine hashes waits, so that few chunks are held.
            await earlier?.value
            return cipher.open(ciphertext, at: index)
        }
        if entries.count >= Limits.openChunks { entries.removeFirst() }
        entries.append(
            Entry(id: file.chunks[index], file: file.digest, index: index, opening: opening))
        return opening
    }

    /// Hashes what is read in order, so that the end costs nothing more, and lets go of what the
    /// reader has left behind.
    mutating func note(_ opening: Opening, _ file: Attachment, at index: Int) {
        entries.removeAll { $0.file == file.digest && $0.index < index }
        if index == 0, proof(of: file) == nil {
            if proofs.count >= Limits.fileProofs { proofs.removeFirst() }
            proofs.append(FileProof(file.digest))
        }
        guard let place = proofs.firstIndex(where: { $0.digest == file.digest }) else { return }
        proofs[place].follow(opening, at: index)
    }

    func proof(of file: Attachment) -> FileProof? {
        proofs.first { $0.digest == file.digest }
    }

    /// A chunk is no more.
    mutating func forget(_ id: Chunk.ID) {
        entries.removeAll { $0.id == id }
    }

    /// A chunk of the file does not open.
    mutating func forget(_ file: Attachment) {
        entries.removeAll { $0.file == file.digest }
        proofs.removeAll { $0.digest == file.digest }
    }

    mutating func forgetAll() { self = OpenedChunks() }
}
