import Foundation
import PeerState
import PeerTesting
import Testing

/// Chunks on disk: whole or not there, and nothing else in the folder is touched.
@Suite struct BlobShelfTests {
    private func withFolder(_ body: (String) throws -> Void) throws {
        let root = try LiveNodes.temporaryDirectory()
        defer { LiveNodes.remove(root) }
        try body(root + "/blobs")
    }

    private func sealed(_ byte: UInt8, _ count: Int) -> (id: Chunk.ID, bytes: [UInt8]) {
        let bytes = [UInt8](repeating: byte, count: count)
        return (Chunk.id(of: bytes), bytes)
    }

    @Test func `what was written is there after a restart, for its owner alone`() throws {
        try withFolder { folder in
            let chunk = sealed(1, 300_000)
            let shelf = try BlobShelf(folder: folder)
            try shelf.write(chunk.id, chunk.bytes, nowMilliseconds: 1)
            try shelf.write(chunk.id, [1, 2, 3], nowMilliseconds: 1)
            #expect(shelf.bytes == 300_000, "one that is there stays")
            let again = try BlobShelf(folder: folder)
            #expect(again.entries[chunk.id]?.size == 300_000)
            let part = try again.read(chunk.id, at: 299_990, count: 100, nowMilliseconds: 2)
            #expect(part == [UInt8](repeating: 1, count: 10))
            #expect(try again.read(chunk.id, at: 300_000, count: 1, nowMilliseconds: 2) == [])
            let path = folder + "/" + chunk.id.hex
            let mode = try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions]
            #expect(mode as? Int == 0o600)
            again.remove(chunk.id)
            #expect(!FileManager.default.fileExists(atPath: path))
            #expect(again.bytes == 0)
        }
    }

    @Test func `what a crash left goes, and what is not ours stays`() throws {
        try withFolder { folder in
            let chunk = sealed(2, 50)
            _ = try BlobShelf(folder: folder)
            let aside = folder + "/" + chunk.id.hex + ".part"
            try Data([1]).write(to: URL(fileURLWithPath: aside))
            try Data([2]).write(to: URL(fileURLWithPath: folder + "/readme.txt"))
            let shelf = try BlobShelf(folder: folder)
            #expect(shelf.entries.isEmpty)
            #expect(!FileManager.default.fileExists(atPath: aside))
            #expect(FileManager.default.fileExists(atPath: folder + "/readme.txt"))
        }
    }

    @Test func `symbolic links are neither read nor written through`() throws {
        try withFolder { folder in
            let chunk = sealed(3, 50)
            _ = try BlobShelf(folder: folder)
            let outside = folder + "-outside"
            try Data(chunk.bytes).write(to: URL(fileURLWithPath: outside))
            let name = folder + "/" + chunk.id.hex
            try FileManager.default.createSymbolicLink(
                atPath: name, withDestinationPath: outside)
            let shelf = try BlobShelf(folder: folder)
            #expect(!shelf.holds(chunk.id))
            let other = sealed(4, 60)
            try FileManager.default.createSymbolicLink(
                atPath: folder + "/" + other.id.hex + ".part", withDestinationPath: outside)
            #expect(throws: StoreFailure.self) {
                try shelf.write(other.id, other.bytes, nowMilliseconds: 1)
            }
            #expect(try Data(contentsOf: URL(fileURLWithPath: outside)) == Data(chunk.bytes))
        }
    }

    @Test func `a link in place of the folder is refused`() throws {
        try withFolder { folder in
            try FileManager.default.createDirectory(
                atPath: folder + "-real", withIntermediateDirectories: true)
            try FileManager.default.createSymbolicLink(
                atPath: folder, withDestinationPath: folder + "-real")
            #expect(throws: StoreFailure.self) { try BlobShelf(folder: folder) }
        }
    }
}
