package import PeerState

/// What a run did: one number over everything, and on demand the last lines.
///
/// Lines hold ids, counts and decisions, never bodies.
package struct Trace: Sendable {
    private static let kept = 200
    private static let prime: UInt64 = 0x100_0000_01b3

    /// Equal for equal runs, in any process.
    package private(set) var hash: UInt64 = 0xcbf2_9ce4_8422_2325
    package private(set) var entries: UInt64 = 0
    private let isRecording: Bool
    private var ring: [String] = []
    private var next = 0

    package init(isRecording: Bool) {
        self.isRecording = isRecording
    }

    /// - Parameter bytes: go into the hash alone.
    package mutating func note(
        _ now: Instant, _ node: Int, _ text: @autoclosure () -> String, code: UInt64,
        _ bytes: [UInt8] = []
    ) {
        entries += 1
        mix(now.nanoseconds)
        mix(UInt64(bitPattern: Int64(node)))
        mix(code)
        mix(bytes)
        guard isRecording else { return }
        let line = "\(now.nanoseconds / 1_000_000) ms  node \(node)  \(text())"
        if ring.count < Self.kept {
            ring.append(line)
        } else {
            ring[next] = line
            next = (next + 1) % Self.kept
        }
    }

    package var lines: [String] { Array(ring[next...] + ring[..<next]) }

    private mutating func mix(_ word: UInt64) {
        hash = (hash ^ word) &* Self.prime
        hash ^= hash >> 29
    }

    private mutating func mix(_ bytes: [UInt8]) {
        mix(UInt64(bytes.count))
        bytes.withUnsafeBytes { raw in
            var place = 0
            while place + 8 <= raw.count {
                mix(raw.loadUnaligned(fromByteOffset: place, as: UInt64.self))
                place += 8
            }
            for byte in raw[place...] { mix(UInt64(byte)) }
        }
    }
}
