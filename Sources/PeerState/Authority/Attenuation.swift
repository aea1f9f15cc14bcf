/// The limits a grant puts on its holder, which add up along the proof chain.
///
/// - Source: PROTOCOL 4.2. This version checks the shape and then refuses every act of a holder
///   except ack, leave, prekey and profile, so nothing beyond a limit can take effect.
package struct Attenuation: Hashable, Sendable {
    /// The map exactly as it was written, for the state row and for writing it again.
    package let encoded: [UInt8]

    package init(from reader: inout CBORReader) throws(Failure<WireCode>) {
        let item = try reader.rawItem()
        var map = CBORReader(item, mismatch: .badBody)
        for _ in 0..<(try map.map("attenuation")) {
            try Self.check(key: try map.unsigned(), &map)
        }
        encoded = item
    }

    package func write(to writer: inout CBORWriter) { writer.encoded(encoded) }

    private static func check(key: UInt64, _ reader: inout CBORReader) throws(Failure<WireCode>) {
        switch key {
        case 0: let _: [Channel.ID] = try reader.identifiers(max: 64, "channels")
        case 1: try checkKinds(&reader)
        case 2: _ = try reader.unsigned(in: 1...10_000, "events per minute")
        case 3: _ = try reader.unsigned("bytes per day")
        case 4: _ = try reader.unsigned("expiry")
        case 5: _ = try reader.unsigned(in: 0...4, "delegation depth")
        case 6: _ = try reader.unsigned("permission mask")
        case 7: _ = try reader.unsigned(in: 1...100_000, "lapse")
        default: try reader.skip()
        }
    }

    private static func checkKinds(_ reader: inout CBORReader) throws(Failure<WireCode>) {
        var previous: UInt64?
        for _ in 0..<(try reader.array(max: 32, "kinds")) {
            let kind = try reader.unsigned(in: 0...Limits.maxKind, "kind")
            if let previous, previous >= kind { throw reader.wrong("kinds are sorted") }
            previous = kind
        }
    }
}
