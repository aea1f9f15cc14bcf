/// Any item of the canonical CBOR subset as a tree: for tools, tests and fields kept unread.
package indirect enum CBORValue: Hashable, Sendable {
    case unsigned(UInt64)
    case bytes([UInt8])
    case text(String)
    case array([CBORValue])
    /// Keys strictly ascending.
    case map([Pair])
    case bool(Bool)
    case null

    package struct Pair: Hashable, Sendable {
        package let key: UInt64
        package let value: CBORValue
        package init(_ key: UInt64, _ value: CBORValue) {
            self.key = key
            self.value = value
        }
    }

    /// Decodes exactly one item and checks that encoding it again gives the same bytes.
    package init(decoding bytes: [UInt8]) throws(Failure<WireCode>) {
        try CBORScan.check(bytes)
        var reader = CBORReader(bytes)
        self = try Self.read(&reader)
        if encoded != bytes { throw Failure(.cborReencode) }
    }

    private static func read(_ reader: inout CBORReader) throws(Failure<WireCode>) -> CBORValue {
        switch try reader.peekMajor() {
        case 0: return .unsigned(try reader.unsigned())
        case 2: return .bytes(try reader.byteString())
        case 3: return .text(try reader.text(max: Int.max))
        case 4:
            let count = try reader.array()
            var items: [CBORValue] = []
            for _ in 0..<count { items.append(try read(&reader)) }
            return .array(items)
        case 5:
            let count = try reader.map()
            var pairs: [Pair] = []
            for _ in 0..<count {
                let key = try reader.unsigned()
                pairs.append(Pair(key, try read(&reader)))
            }
            return .map(pairs)
        default: return try reader.isNull() ? .null : .bool(try reader.bool())
        }
    }

    package var encoded: [UInt8] {
        var writer = CBORWriter()
        write(to: &writer)
        return writer.bytes
    }

    package func write(to writer: inout CBORWriter) {
        switch self {
        case .unsigned(let value): writer.unsigned(value)
        case .bytes(let value): writer.byteString(value)
        case .text(let value): writer.text(value)
        case .array(let items):
            writer.array(items.count)
            for item in items { item.write(to: &writer) }
        case .map(let pairs):
            writer.map(pairs.count)
            for pair in pairs {
                writer.unsigned(pair.key)
                pair.value.write(to: &writer)
            }
        case .bool(let value): writer.bool(value)
        case .null: writer.null()
        }
    }
}
