/// Appends items of the canonical CBOR subset; every value has exactly one encoding.
///
/// - Source: PROTOCOL 2. Callers write map keys in ascending order (checked).
package struct CBORWriter {
    package private(set) var bytes: [UInt8] = []

    package init(reserving capacity: Int = 256) {
        bytes.reserveCapacity(capacity)
    }

    package mutating func unsigned(_ value: UInt64) {
        head(0, value)
    }

    package mutating func byteString(_ value: [UInt8]) {
        head(2, UInt64(value.count))
        bytes.append(contentsOf: value)
    }

    package mutating func identifier<Kind>(_ value: Identifier<Kind>) {
        head(2, 32)
        value.append(to: &bytes)
    }

    package mutating func text(_ value: String) {
        head(3, UInt64(value.utf8.count))
        bytes.append(contentsOf: value.utf8)
    }

    package mutating func array(_ count: Int) {
        head(4, UInt64(count))
    }

    /// Announces `count` pairs; the caller then writes unsigned keys in ascending order.
    package mutating func map(_ count: Int) {
        head(5, UInt64(count))
    }

    package mutating func bool(_ value: Bool) {
        bytes.append(value ? 0xf5 : 0xf4)
    }

    package mutating func null() {
        bytes.append(0xf6)
    }

    package mutating func identifiers<Kind>(_ values: [Identifier<Kind>]) {
        array(values.count)
        for value in values { identifier(value) }
    }

    /// `null` when absent, else what `write` appends.
    package mutating func optional<Value>(
        _ value: Value?, _ write: (inout CBORWriter, Value) -> Void
    ) {
        if let value { write(&self, value) } else { null() }
    }

    /// Appends bytes that are already one canonical item.
    package mutating func encoded(_ item: [UInt8]) {
        bytes.append(contentsOf: item)
    }

    private mutating func head(_ major: UInt8, _ argument: UInt64) {
        let type = major << 5
        switch argument {
        case 0..<24: bytes.append(type | UInt8(argument))
        case 24..<0x100:
            bytes.append(type | 24)
            bytes.append(UInt8(argument))
        case 0x100..<0x1_0000: appendHead(type | 25, UInt16(argument))
        case 0x1_0000..<0x1_0000_0000: appendHead(type | 26, UInt32(argument))
        default: appendHead(type | 27, argument)
        }
    }

    private mutating func appendHead(_ initial: UInt8, _ argument: some FixedWidthInteger) {
        bytes.append(initial)
        withUnsafeBytes(of: argument.bigEndian) { bytes.append(contentsOf: $0) }
    }
}
