import AgentServer
import PeerState
import Testing

/// Broken bytes in every split: one parse, no trap, and no second request out of one body.
@Suite struct HTTPFuzzTests {
    static let pieces: [String] = [
        "GET / HTTP/1.1\r\nHost: a\r\n\r\n",
        "POST /mcp HTTP/1.1\r\nHost: a\r\nContent-Length: 4\r\n\r\nbody",
        "POST /mcp HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n",
        "DELETE /x?y HTTP/1.0\r\nConnection: close\r\n\r\n", "Content-Length: 1\r\n",
        "Transfer-Encoding: chunked\r\n", "\r\n", "\n", "\r", ":", " ", "\0", "0\r\n\r\n",
        "HTTP/1.1", "Expect: 100-continue\r\n", "ffffffff\r\n", ";x=\"y\"",
    ]

    static func bytes(_ random: inout SeededRandom) -> [UInt8] {
        var result: [UInt8] = []
        for _ in 0..<Int.random(in: 1...4, using: &random) {
            result += Array((pieces.randomElement(using: &random) ?? "").utf8)
        }
        for _ in 0..<Int.random(in: 0...3, using: &random) {
            let place = Int.random(in: 0...result.count, using: &random)
            if Bool.random(using: &random) {
                result.insert(UInt8.random(in: 0...255, using: &random), at: place)
            } else {
                let piece = Array((pieces.randomElement(using: &random) ?? "").utf8)
                result.insert(contentsOf: piece, at: place)
            }
        }
        return result
    }

    /// Everything a connection does when each request is answered at once.
    static func run(_ parts: [ArraySlice<UInt8>]) -> (written: [UInt8], begun: [HTTPRequest]) {
        var connection = HTTPConnection(now: .zero)
        var written: [UInt8] = []
        var begun: [HTTPRequest] = []
        for part in parts {
            var effects = connection.handle(.bytes(Array(part)), now: .zero) { _ in nil }
            while !effects.isEmpty {
                var next: [HTTPConnection.Effect] = []
                for effect in effects {
                    switch effect {
                    case .write(let bytes): written += bytes
                    case .begin(let request):
                        begun.append(request)
                        next += connection.answer(.text(200, "x"), now: .zero) { _ in nil }
                    default: break
                    }
                }
                effects = next
            }
        }
        return (written, begun)
    }

    @Test(arguments: [1, 2, 3, 4] as [UInt64]) func `any split does the same`(seed: UInt64) {
        var random = SeededRandom(seed: seed)
        for _ in 0..<2_000 {
            let bytes = Self.bytes(&random)
            let whole = Self.run([bytes[...]])
            let cut = Int.random(in: 0...bytes.count, using: &random)
            let halves = Self.run([bytes[..<cut], bytes[cut...]])
            let single = Self.run(bytes.indices.map { bytes[$0...$0] })
            guard halves == whole, single == whole else {
                Issue.record("seed \(seed): \(bytes)")
                return
            }
            // Every byte belongs to one request at most.
            let claimed = whole.begun.reduce(0) { $0 + $1.body.count + $1.head.target.utf8.count }
            #expect(claimed <= bytes.count)
        }
    }
}
