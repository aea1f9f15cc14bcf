import AgentServer
import PeerState
import Testing
import peer_agent

/// The archive of a backup, block by block.
@Suite struct TarHeaderTests {
    @Test(arguments: [("node.db", UInt64(0)), ("identity", 32), ("manifest.json", 8_589_934_591)])
    func `a header is read as it was written`(_ name: String, _ size: UInt64) {
        let header = TarHeader(name: name, size: size)
        #expect(header.bytes.count == 512)
        #expect(TarHeader(header.bytes) == header)
        #expect((UInt64(header.padding) + size) % 512 == 0)
    }

    @Test func `any changed byte that matters is noticed`() {
        let bytes = TarHeader(name: "node.db", size: 4_096).bytes
        for place in 0..<512 {
            var changed = bytes
            changed[place] ^= 1
            let read = TarHeader(changed)
            #expect(read == nil || (148..<156).contains(place), "byte \(place)")
        }
        #expect(TarHeader(bytes.dropLast()) == nil)
        #expect(TarHeader([UInt8](repeating: 0, count: 512)) == nil)
    }

    @Test func `a manifest is read as it was written`() throws {
        let hash = Sodium.blake2b([1])
        let manifest = BackupManifest(
            peer: nil, madeAtMilliseconds: 9,
            parts: [.init(name: "node.db", size: 7, hash: hash)])
        let read = try #require(BackupManifest(manifest.json))
        #expect(read.parts == manifest.parts && read.madeAtMilliseconds == 9)
        #expect(BackupManifest(["peer_agent_backup": 2]) == nil)
    }

    @Test func `a hash in parts is the hash of the whole`() {
        let bytes = (0..<10_000).map { UInt8(truncatingIfNeeded: $0) }
        var stream = HashStream()
        for start in stride(from: 0, to: bytes.count, by: 777) {
            stream.add(Array(bytes[start..<min(start + 777, bytes.count)]))
        }
        #expect(stream.finish() == Sodium.blake2b(bytes))
    }
}
