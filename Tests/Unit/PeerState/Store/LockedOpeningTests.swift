import Foundation
import PeerState
import Testing

/// When others are told that a directory is this node's (MCP 15: a client is greeted then).
@Suite struct LockedOpeningTests {
    private struct Opening: Equatable {
        /// How often it was said that the lock is held.
        let locks: Int
        var code: StoreCode?
    }

    private func opening(_ directory: DataDirectory) -> Opening {
        let locks = Locked(0)
        var entropy = Entropy.seeded(SeededRandom(seed: 1))
        do throws(StoreFailure) {
            _ = try StoreCore(
                directory, owner: Made.owner, entropy: &entropy,
                locked: { locks.withLock { $0 += 1 } })
            return Opening(locks: locks.withLock { $0 })
        } catch {
            return Opening(locks: locks.withLock { $0 }, code: error.code)
        }
    }

    @Test func `before the database is looked at, damaged or not`() throws {
        let scratch = try Scratch()
        let directory = try scratch.data()
        #expect(opening(directory) == Opening(locks: 1))
        try Data("nonsense".utf8).write(to: URL(fileURLWithPath: directory.database))
        #expect(opening(directory) == Opening(locks: 1, code: .corrupt))
    }

    @Test func `never while another process has it`() throws {
        let scratch = try Scratch()
        let directory = try scratch.data()
        let first = try Made.open(directory)
        #expect(opening(directory) == Opening(locks: 0, code: .locked))
        try first.close()
    }
}
