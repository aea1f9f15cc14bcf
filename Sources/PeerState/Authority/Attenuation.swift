/// The limits a grant puts on its holder, which add up along the proof chain.
///
/// - Shape: a map, every key optional (PROTOCOL 4.2). Keys not known here are kept and make the
///   holder able to do less, never more.
package struct Attenuation: Hashable, Sendable {
    /// The map exactly as it was written, for the state row and for writing it again.
    package let encoded: [UInt8]

    /// Key 0: the only channels the holder reads and writes.
    package private(set) var channels: [Channel.ID]?
    /// Key 1: the only kinds it authors, beside those always allowed.
    package private(set) var kinds: [UInt64]?
    /// Key 2.
    package private(set) var eventsPerMinute: UInt64?
    /// Key 3: envelope bytes.
    package private(set) var bytesPerDay: UInt64?
    /// Key 4: ms since 1970.
    package private(set) var expiryMilliseconds: UInt64?
    /// Key 5: how many grants may follow below this one.
    package private(set) var delegationDepth: UInt64?
    /// Key 6.
    package private(set) var permissions: Permissions?
    /// Key 7: lamport steps the grantor may be silent.
    package private(set) var lapse: UInt64?
    package private(set) var hasUnknownKeys = false

    package init(from reader: inout CBORReader) throws(Failure<WireCode>) {
        encoded = try reader.rawItem()
        var map = CBORReader(encoded, mismatch: .badBody)
        for _ in 0..<(try map.map("attenuation")) {
            try read(key: try map.unsigned(), &map)
        }
    }

    package func write(to writer: inout CBORWriter) { writer.encoded(encoded) }

    private mutating func read(
        key: UInt64, _ reader: inout CBORReader
    ) throws(Failure<WireCode>) {
        switch key {
        case 0: channels = try reader.identifiers(max: 64, "channels")
        case 1: kinds = try Self.kinds(&reader)
        case 2: eventsPerMinute = try reader.unsigned(in: 1...10_000, "events per minute")
        case 3: bytesPerDay = try reader.unsigned("bytes per day")
        case 4: expiryMilliseconds = try reader.unsigned("expiry")
        case 5: delegationDepth = try reader.unsigned(in: 0...4, "delegation depth")
        case 6: permissions = Permissions(rawValue: try reader.unsigned("permission mask"))
        case 7: lapse = try reader.unsigned(in: 1...100_000, "lapse")
        default:
            hasUnknownKeys = true
            try reader.skip()
        }
    }

    private static func kinds(
        _ reader: inout CBORReader
    ) throws(Failure<WireCode>) -> [UInt64] {
        var result: [UInt64] = []
        for _ in 0..<(try reader.array(max: 32, "kinds")) {
            let kind = try reader.unsigned(in: 0...Limits.maxKind, "kind")
            if let previous = result.last, previous >= kind {
                throw reader.wrong("kinds are sorted")
            }
            result.append(kind)
        }
        return result
    }
}

extension Attenuation {
    /// Limits in the order of PROTOCOL 4.2; absent ones do not restrict.
    package init(
        channels: [Channel.ID]? = nil, kinds: [UInt64]? = nil, eventsPerMinute: UInt64? = nil,
        bytesPerDay: UInt64? = nil, expiryMilliseconds: UInt64? = nil,
        delegationDepth: UInt64? = nil, permissions: Permissions? = nil, lapse: UInt64? = nil
    ) {
        self.channels = channels?.sorted()
        self.kinds = kinds?.sorted()
        self.eventsPerMinute = eventsPerMinute
        self.bytesPerDay = bytesPerDay
        self.expiryMilliseconds = expiryMilliseconds
        self.delegationDepth = delegationDepth
        self.permissions = permissions
        self.lapse = lapse
        let numbers: [(UInt64, UInt64?)] = [
            (2, eventsPerMinute), (3, bytesPerDay), (4, expiryMilliseconds),
            (5, delegationDepth), (6, permissions?.rawValue), (7, lapse),
        ]
        let given = numbers.filter { $0.1 != nil }
        var writer = CBORWriter()
        writer.map(given.count + (channels == nil ? 0 : 1) + (kinds == nil ? 0 : 1))
        if let channels = self.channels {
            writer.unsigned(0)
            writer.identifiers(channels)
        }
        if let kinds = self.kinds {
            writer.unsigned(1)
            writer.array(kinds.count)
            for kind in kinds { writer.unsigned(kind) }
        }
        for (key, value) in given {
            writer.unsigned(key)
            writer.unsigned(value ?? 0)
        }
        encoded = writer.bytes
    }
}
