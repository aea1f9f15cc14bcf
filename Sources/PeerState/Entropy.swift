import CSodium

/// Where random bytes come from: the system, or one seed that replays a whole run.
///
/// Cores take it as an argument; nothing in the project draws randomness any other way (HOSTILE
/// 1.3).
package enum Entropy: RandomNumberGenerator, Sendable {
    case system
    case seeded(SeededRandom)
    /// Another source in place of the system's, which is taken as little at its word.
    case drawn(any EntropySource)

    package mutating func next() -> UInt64 {
        switch self {
        case .system:
            var word: UInt64 = 0
            randombytes_buf(&word, MemoryLayout<UInt64>.size)
            return word
        case .seeded(var random):
            let word = random.next()
            self = .seeded(random)
            return word
        case .drawn(let source):
            return source.hedged(8).reduce(0) { $0 << 8 | UInt64($1) }
        }
    }

    /// A source of its own for a part: the system again, or a stream that this one seeds.
    package mutating func split() -> Entropy {
        switch self {
        case .system, .drawn: self
        case .seeded: .seeded(SeededRandom(seed: next()))
        }
    }

    /// - Shape: exactly `count` uniformly random bytes.
    package mutating func bytes(_ count: Int) -> [UInt8] {
        switch self {
        case .system: return SystemEntropy.shared.hedged(count)
        case .drawn(let source): return source.hedged(count)
        case .seeded: break
        }
        var result: [UInt8] = []
        result.reserveCapacity(count + 8)
        while result.count < count {
            withUnsafeBytes(of: next().littleEndian) { result.append(contentsOf: $0) }
        }
        result.removeLast(result.count - count)
        return result
    }
}

/// SplitMix64: small, fast and the same on every machine. For simulation and jitter, never for keys
/// outside a simulation.
///
/// - Source: Steele, Lea, Flood, "Fast splittable pseudorandom number generators", 2014.
package struct SeededRandom: RandomNumberGenerator, Sendable {
    private var state: UInt64

    package init(seed: UInt64) {
        state = seed
    }

    package mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var word = state
        word = (word ^ (word >> 30)) &* 0xBF58_476D_1CE4_E5B9
        word = (word ^ (word >> 27)) &* 0x94D0_49BB_1331_11EB
        return word ^ (word >> 31)
    }
}
