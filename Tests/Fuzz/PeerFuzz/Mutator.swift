import PeerState

/// Changes inputs: bits, bytes, lengths, pieces of other inputs, numbers at their ends.
struct Mutator {
    private static let lengthMax = 8_192
    private static let edges: [UInt8] = [0, 1, 0x17, 0x18, 0x1b, 0x7f, 0x80, 0xbf, 0xf6, 0xff]
    private var random: SeededRandom

    init(seed: UInt64) {
        random = SeededRandom(seed: seed)
    }

    mutating func draw(_ bound: Int) -> Int {
        Int(random.next() % UInt64(max(1, bound)))
    }

    /// A corpus entry after one to eight changes.
    mutating func next(_ corpus: [[UInt8]]) -> [UInt8] {
        var bytes = corpus.isEmpty ? [] : corpus[draw(corpus.count)]
        for _ in 0...draw(8) { change(&bytes, corpus) }
        return Array(bytes.prefix(Self.lengthMax))
    }

    private mutating func change(_ bytes: inout [UInt8], _ corpus: [[UInt8]]) {
        guard !bytes.isEmpty else {
            bytes.append(UInt8(draw(256)))
            return
        }
        let place = draw(bytes.count)
        switch draw(9) {
        case 0: bytes[place] ^= 1 << UInt8(draw(8))
        case 1: bytes[place] = UInt8(draw(256))
        case 2: bytes[place] = Self.edges[draw(Self.edges.count)]
        case 3: bytes.insert(UInt8(draw(256)), at: place)
        case 4: bytes.remove(at: place)
        case 5: bytes.removeLast(min(bytes.count, 1 + draw(16)))
        case 6:
            let end = min(bytes.count, place + 1 + draw(32))
            bytes.insert(contentsOf: bytes[place..<end], at: place)
        case 7:
            let other = corpus.isEmpty ? [] : corpus[draw(corpus.count)]
            guard !other.isEmpty else { return }
            let start = draw(other.count)
            let piece = other[start..<min(other.count, start + 1 + draw(64))]
            bytes.replaceSubrange(place..<min(bytes.count, place + piece.count), with: piece)
        default:
            let end = min(bytes.count, place + 1 + draw(8))
            bytes.replaceSubrange(place..<end, with: [UInt8](repeating: 0xff, count: end - place))
        }
    }
}
