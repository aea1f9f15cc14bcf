/// Writes a message of range reconciliation; a range that does not fit can be taken back.
struct NegWriter {
    /// What to go back to.
    struct Mark {
        fileprivate let count: Int
        fileprivate let lastKey: UInt64
    }

    private(set) var bytes: [UInt8] = [NegReader.version]
    private var lastKey: UInt64 = 0

    var count: Int { bytes.count }
    var mark: Mark { Mark(count: bytes.count, lastKey: lastKey) }

    mutating func rewind(to mark: Mark) {
        bytes.removeLast(bytes.count - mark.count)
        lastKey = mark.lastKey
    }

    mutating func skip(to bound: NegBound) {
        append(bound)
        Self.append(varint: NegMode.skip.rawValue, to: &bytes)
    }

    mutating func fingerprint(_ fingerprint: [UInt8], to bound: NegBound) {
        append(bound)
        Self.append(varint: NegMode.fingerprint.rawValue, to: &bytes)
        bytes.append(contentsOf: fingerprint)
    }

    mutating func list(_ items: ArraySlice<NegItem>, to bound: NegBound) {
        append(bound)
        Self.append(varint: NegMode.idList.rawValue, to: &bytes)
        Self.append(varint: UInt64(items.count), to: &bytes)
        for item in items { item.id.append(to: &bytes) }
    }

    private mutating func append(_ bound: NegBound) {
        if bound.key == .max {
            bytes.append(0)
        } else {
            Self.append(varint: 1 + (bound.key - lastKey), to: &bytes)
        }
        lastKey = bound.key
        Self.append(varint: UInt64(bound.prefix.count), to: &bytes)
        bytes.append(contentsOf: bound.prefix)
    }

    /// Base 128, most significant group first, high bit on all but the last.
    static func append(varint value: UInt64, to bytes: inout [UInt8]) {
        let groups = max(1, (64 - value.leadingZeroBitCount + 6) / 7)
        for group in (0..<groups).reversed() {
            let part = UInt8(truncatingIfNeeded: value >> UInt64(7 * group)) & 0x7f
            bytes.append(group == 0 ? part : part | 0x80)
        }
    }
}
