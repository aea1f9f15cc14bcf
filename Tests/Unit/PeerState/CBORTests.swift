import PeerState
import PeerTesting
import Testing

@Suite struct CBORTests {
    struct File: Decodable {
        struct Accept: Decodable { let hex: String }
        struct Reject: Decodable {
            let hex: String
            let why: String
            let error: String
        }
        let accept: [Accept]
        let reject: [Reject]
    }

    @Test func `every accepted vector decodes and encodes to the same bytes`() throws {
        guard let file: File = try Vectors.load("cbor") else { return }
        #expect(file.accept.count == 34)
        for vector in file.accept {
            let bytes = try #require([UInt8](hex: vector.hex))
            #expect(try CBORValue(decoding: bytes).encoded == bytes, "\(vector.hex)")
        }
    }

    @Test func `every rejected vector is refused with its code`() throws {
        guard let file: File = try Vectors.load("cbor") else { return }
        #expect(file.reject.count == 58)
        for vector in file.reject {
            let bytes = try #require([UInt8](hex: vector.hex))
            let failure = #expect(throws: Failure<WireCode>.self) {
                try CBORValue(decoding: bytes)
            }
            #expect(failure?.code.word == vector.error, "\(vector.why)")
        }
    }

    @Test func `random trees survive encoding and every truncation is refused`() throws {
        let seed: UInt64 = 0x5EED_C80A
        print("seed \(seed)")
        var random = SeededRandom(seed: seed)
        for _ in 0..<300 {
            let value = Self.tree(depth: 0, &random)
            let bytes = value.encoded
            #expect(try CBORValue(decoding: bytes) == value)
            for length in 0..<bytes.count {
                #expect(throws: Failure<WireCode>.self) {
                    try CBORScan.check(Array(bytes.prefix(length)))
                }
            }
        }
    }

    @Test func `random bytes are accepted only when canonical`() {
        let seed: UInt64 = 0xF00D
        print("seed \(seed)")
        var random = SeededRandom(seed: seed)
        for _ in 0..<20_000 {
            let count = Int.random(in: 0...24, using: &random)
            let bytes = (0..<count).map { _ in UInt8.random(in: 0...255, using: &random) }
            if let value = try? CBORValue(decoding: bytes) { #expect(value.encoded == bytes) }
        }
    }

    static func tree(depth: Int, _ random: inout SeededRandom) -> CBORValue {
        switch Int.random(in: 0...(depth < 5 ? 6 : 4), using: &random) {
        case 0:
            return .unsigned(
                UInt64.random(
                    in: 0...UInt64.max >> UInt64.random(in: 0...63, using: &random), using: &random)
            )
        case 1: return .bytes((0..<Int.random(in: 0...40, using: &random)).map { UInt8($0) })
        case 2:
            let count = Int.random(in: 0...9, using: &random)
            return .text(String(repeating: "é水a", count: count))
        case 3: return .bool(Bool.random(using: &random))
        case 4: return .null
        case 5:
            return .array(
                (0..<Int.random(in: 0...5, using: &random)).map { _ in
                    tree(depth: depth + 1, &random)
                })
        default:
            return .map(
                (0..<Int.random(in: 0...5, using: &random)).map {
                    CBORValue.Pair(UInt64($0) * 7, tree(depth: depth + 1, &random))
                })
        }
    }
}
