import Foundation
import PeerState

/// A directory of its own for one test, gone with it.
final class Scratch {
    let path: String

    init() throws {
        path =
            FileManager.default.temporaryDirectory
            .appendingPathComponent("store-tests-" + UUID().uuidString).path
        try FileManager.default.createDirectory(
            atPath: path, withIntermediateDirectories: true,
            attributes: [.posixPermissions: 0o700])
    }

    deinit {
        do { try FileManager.default.removeItem(atPath: path) } catch { print("left: \(error)") }
    }

    func data(_ name: String = "data") throws -> DataDirectory {
        try DataDirectory(preparing: path + "/" + name)
    }
}

/// Made-up values that are the same in every run.
enum Made {
    static func id<Kind>(_ label: String) -> Identifier<Kind> {
        Identifier(Sodium.blake2b(Array(label.utf8)))
    }

    static let server: Server.ID = id("server")
    static let owner: Peer.ID = id("owner")
    static let channel: Channel.ID = id("channel")

    static func event(
        _ seq: UInt64, by author: Peer.ID = owner, lamport: UInt64? = nil,
        in server: Server.ID = server, size: Int = 200, branch: String = ""
    ) -> StoredEvent {
        StoredEvent(
            id: id("\(server.hex) \(author.hex) \(seq) \(branch)"), server: server, author: author,
            seq: seq, lamport: lamport ?? seq, kind: 60,
            envelope: [UInt8](repeating: UInt8(truncatingIfNeeded: seq), count: size),
            storedAtMilliseconds: 1_000 + seq, isVoid: seq.isMultiple(of: 5))
    }

    /// A batch as an own act makes it.
    static func own(_ event: StoredEvent) -> StoreBatch {
        var batch = StoreBatch()
        batch.events = [event]
        batch.ownHeads = [OwnHead(server: event.server, seq: event.seq, id: event.id)]
        return batch
    }

    static func batch(_ events: [StoredEvent]) -> StoreBatch {
        var batch = StoreBatch()
        batch.events = events
        return batch
    }

    static func memory() throws -> StoreCore {
        var entropy = Entropy.seeded(SeededRandom(seed: 1))
        return try StoreCore(entropy: &entropy)
    }

    static func open(_ directory: DataDirectory) throws -> StoreCore {
        var entropy = Entropy.system
        return try StoreCore(directory, owner: owner, entropy: &entropy)
    }
}

extension StoreCore {
    func all(_ server: Server.ID = Made.server) throws -> [StoredEvent] {
        var result: [StoredEvent] = []
        try forEachEvent(of: server) { result.append($0) }
        return result
    }
}
