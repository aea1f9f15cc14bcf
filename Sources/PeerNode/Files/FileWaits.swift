import PeerNet
import PeerState

/// Calls that wait for chunks to be fetched.
struct FileWaits {
    struct Wait {
        let continuation: CheckedContinuation<NodeCore.FetchEnd, Never>
        let timer: PeerNet.Timer
    }

    private var waits: [Chunk.ID: [UInt64: Wait]] = [:]
    private var counter: UInt64 = 0

    mutating func reserve() -> UInt64 {
        counter += 1
        return counter
    }

    mutating func add(_ id: UInt64, for chunk: Chunk.ID, _ wait: Wait) {
        waits[chunk, default: [:]][id] = wait
    }

    mutating func remove(_ id: UInt64, for chunk: Chunk.ID) -> Wait? {
        let wait = waits[chunk]?.removeValue(forKey: id)
        if waits[chunk]?.isEmpty == true { waits[chunk] = nil }
        return wait
    }

    mutating func removeAll(for chunk: Chunk.ID) -> [Wait] {
        waits.removeValue(forKey: chunk).map { Array($0.values) } ?? []
    }

    mutating func removeAll() -> [Wait] {
        defer { waits = [:] }
        return waits.values.flatMap(\.values)
    }
}
