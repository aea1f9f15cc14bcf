import CSodium

/// A source of raw random bytes that counts what is drawn from it.
package protocol EntropySource: AnyObject, Sendable {
    /// 32 bytes, and how many draws there were before.
    func draw() -> (bytes: [UInt8], number: UInt64)
}

/// The system's generator.
final class SystemEntropy: EntropySource {
    static let shared = SystemEntropy()

    private let drawn = Locked<UInt64>(0)

    func draw() -> (bytes: [UInt8], number: UInt64) {
        var bytes = [UInt8](repeating: 0, count: 32)
        randombytes_buf(&bytes, bytes.count)
        let number = drawn.withLock { count in
            count &+= 1
            return count
        }
        return (bytes, number)
    }
}

extension EntropySource {
    /// Bytes that no other draw gives again, even if the source repeats itself: the number of the
    /// draw is part of them, and who knows them learns nothing of the source.
    ///
    /// So a nonce or a throw-away key is never used twice, and a secret is never what was shown
    /// before. Source: HOSTILE 1.5, entropy.
    func hedged(_ count: Int) -> [UInt8] {
        var (raw, number) = draw()
        defer { Sodium.wipe(&raw) }
        var result: [UInt8] = []
        result.reserveCapacity(count + 32)
        var block: UInt64 = 0
        while result.count < count {
            let place = Self.bytes(number) + Self.bytes(block)
            result += Sodium.hash(key: raw, "peer-agent/entropy/1", place).bytes
            block += 1
        }
        result.removeLast(result.count - count)
        return result
    }

    private static func bytes(_ word: UInt64) -> [UInt8] {
        withUnsafeBytes(of: word.littleEndian) { Array($0) }
    }
}
