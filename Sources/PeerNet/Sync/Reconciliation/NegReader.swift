import PeerState

/// Reads a message of range reconciliation from a peer.
///
/// - Errors: `badNeg` for whatever is not the grammar of PROTOCOL 9.3, before anything is
///   allocated for it.
struct NegReader {
    /// Protocol version 1.
    static let version: UInt8 = 0x61
    /// First bytes that name some version.
    static let versions: ClosedRange<UInt8> = 0x60...0x6f

    private let bytes: [UInt8]
    private var position = 0
    private var lastKey: UInt64 = 0

    init(_ bytes: [UInt8]) {
        self.bytes = bytes
    }

    var isAtEnd: Bool { position == bytes.count }

    mutating func byte() throws(NetFailure) -> UInt8 {
        guard position < bytes.count else { throw NetFailure(.badNeg, "truncated") }
        defer { position += 1 }
        return bytes[position]
    }

    mutating func varint() throws(NetFailure) -> UInt64 {
        var value: UInt64 = 0
        while true {
            let byte = try byte()
            guard value <= UInt64.max >> 7 else { throw NetFailure(.badNeg, "number too large") }
            value = value << 7 | UInt64(byte & 0x7f)
            if byte & 0x80 == 0 { return value }
        }
    }

    mutating func bound() throws(NetFailure) -> NegBound {
        let step = try varint()
        if step == 0 {
            lastKey = .max
        } else {
            let (key, isOver) = lastKey.addingReportingOverflow(step - 1)
            guard !isOver, key != .max else { throw NetFailure(.badNeg, "key out of order") }
            lastKey = key
        }
        let length = try varint()
        guard length <= NegID.byteCount, length == 0 || lastKey != .max else {
            throw NetFailure(.badNeg, "bound of \(length) bytes")
        }
        return NegBound(key: lastKey, prefix: Array(try take(Int(length))))
    }

    mutating func mode() throws(NetFailure) -> NegMode {
        guard let mode = NegMode(rawValue: try varint()) else {
            throw NetFailure(.badNeg, "mode")
        }
        return mode
    }

    mutating func fingerprint() throws(NetFailure) -> ArraySlice<UInt8> {
        try take(Limits.negFingerprint)
    }

    mutating func idList() throws(NetFailure) -> [NegID] {
        let count = try varint()
        guard count <= (bytes.count - position) / NegID.byteCount else {
            throw NetFailure(.badNeg, "list of \(count)")
        }
        var ids: [NegID] = []
        ids.reserveCapacity(Int(count))
        for _ in 0..<count { ids.append(NegID(padding: try take(NegID.byteCount))) }
        return ids
    }

    private mutating func take(_ count: Int) throws(NetFailure) -> ArraySlice<UInt8> {
        guard bytes.count - position >= count else { throw NetFailure(.badNeg, "truncated") }
        defer { position += count }
        return bytes[position..<position + count]
    }
}
