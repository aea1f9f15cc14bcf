import PeerState
import PeerTesting
import Testing

/// Chunks, attachments and names of files, byte by byte (PROTOCOL 4.7, 7.8).
@Suite struct ChunkTests {
    private struct File: Decodable {
        struct Misc: Decodable {
            let chunk: Vector
        }
        struct Vector: Decodable {
            let fileKey: String
            let noncePrefix: String
            let index: Int
            let count: Int
            let plaintext: String
            let ciphertext: String
            let chunkID: String

            enum CodingKeys: String, CodingKey {
                case fileKey = "file_key"
                case noncePrefix = "nonce_prefix"
                case index, count, plaintext, ciphertext
                case chunkID = "chunk_id"
            }
        }
        let misc: Misc
    }

    @Test func `the vector of a chunk is reproduced`() throws {
        guard let file: File = try Vectors.load("event") else { return }
        let vector = file.misc.chunk
        let cipher = ChunkCipher(
            key: try #require([UInt8](hex: vector.fileKey)),
            prefix: try #require([UInt8](hex: vector.noncePrefix)), count: vector.count)
        let plain = try #require([UInt8](hex: vector.plaintext))
        let sealed = cipher.seal(plain, at: vector.index)
        #expect(sealed.hex == vector.ciphertext)
        #expect(Chunk.id(of: sealed).hex == vector.chunkID)
        #expect(cipher.open(sealed, at: vector.index) == plain)
    }

    @Test func `a chunk opens at its place alone, and not with one bit changed`() {
        let key = [UInt8](repeating: 1, count: 32)
        let prefix = [UInt8](repeating: 2, count: 16)
        let cipher = ChunkCipher(key: key, prefix: prefix, count: 3)
        let plain = Array("some words of a file".utf8)
        let sealed = cipher.seal(plain, at: 1)
        #expect(cipher.open(sealed, at: 1) == plain)
        #expect(cipher.open(sealed, at: 0) == nil)
        #expect(ChunkCipher(key: key, prefix: prefix, count: 2).open(sealed, at: 1) == nil)
        for index in sealed.indices {
            var wrong = sealed
            wrong[index] ^= 1
            #expect(cipher.open(wrong, at: 1) == nil)
            #expect(Chunk.id(of: wrong) != Chunk.id(of: sealed))
        }
        #expect(cipher.open(Array(sealed.dropLast()), at: 1) == nil)
    }

    @Test(arguments: [
        (1, 262_144, 1), (262_144, 262_144, 1), (262_145, 262_144, 2),
        (16 << 20, 262_144, 64), (16 << 20 + 1, 1_048_576, 17), (25 << 20, 1_048_576, 25),
        (64 << 20, 1_048_576, 64), (64 << 20 + 1, 4_194_304, 17), (256 << 20, 4_194_304, 64),
    ])
    func `files are cut into the smallest chunks that are few enough`(
        size: Int, chunkSize: Int, count: Int
    ) throws {
        let shape = try #require(FileShape(size: size))
        #expect(shape.chunkSize == chunkSize)
        #expect(shape.count == count)
        let bytes = (0..<count).reduce(0) { $0 + shape.plainBytes(at: $1) }
        #expect(bytes == size)
        #expect(shape.sealedBytes(at: 0) == shape.plainBytes(at: 0) + 16)
    }

    @Test func `empty and too large files, and other chunk sizes, are none`() {
        #expect(FileShape(size: 0) == nil)
        #expect(FileShape(size: 256 << 20 + 1) == nil)
        #expect(FileShape(size: 10, chunkSize: 1_000) == nil)
        #expect(FileShape(size: 0, chunkSize: 262_144) == nil)
        #expect(FileShape(size: .max, chunkSize: 4_194_304) == nil)
        #expect(FileShape(size: 16 << 20 + 1, chunkSize: 262_144) == nil)
    }

    private func attachment(_ name: String) throws -> PeerState.Attachment {
        let shape = try #require(FileShape(size: 300_000))
        let chunks = (0..<2).map { Chunk.id(of: [UInt8($0)]) }
        return PeerState.Attachment(
            name: name, mediaType: "text/plain", shape: shape,
            key: [UInt8](repeating: 3, count: 32), prefix: [UInt8](repeating: 4, count: 16),
            chunks: chunks, digest: Chunk.id(of: [9]))
    }

    @Test func `an attachment is read as it was written, and no part of one`() throws {
        let file = try attachment("notes.txt")
        #expect(try PeerState.Attachment(decoding: file.encoded) == file)
        #expect(file.blobs.map(\.size) == [262_160, 37_872])
        for count in 0..<file.encoded.count {
            #expect(throws: Failure<WireCode>.self) {
                try PeerState.Attachment(decoding: Array(file.encoded.prefix(count)))
            }
        }
    }

    @Test(arguments: ["", ".", "..", "a/b", "a\\b", "a\u{0}b", String(repeating: "n", count: 256)])
    func `names that could lead elsewhere are refused by everybody`(name: String) throws {
        let bytes = try attachment(name).encoded
        #expect(throws: Failure<WireCode>.self) { try PeerState.Attachment(decoding: bytes) }
        #expect(throws: Failure<WireCode>.self) { try FileName.check(name) }
    }

    @Test(arguments: [
        ("plan.txt", "plan.txt"), ("../../etc/passwd", "_.._etc_passwd"), ("..", "file"),
        (".bashrc", "bashrc"), ("a\u{202E}gpj.exe", "agpj.exe"), ("-rf", "rf"),
        ("a\nb", "ab"), ("", "file"), ("über 木.png", "über 木.png"),
    ])
    func `a name of somebody else becomes harmless in a folder`(name: String, safe: String) {
        #expect(FileName.safe(name) == safe)
        #expect(FileName.safe(String(repeating: "木", count: 200)).utf8.count <= 255)
    }
}
