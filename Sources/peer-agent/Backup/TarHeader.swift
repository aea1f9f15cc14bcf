/// The 512 bytes before each file of an archive that every `tar` can read.
///
/// - Source: POSIX.1-2001, pax, the ustar interchange format.
package struct TarHeader: Hashable, Sendable {
    package static let byteCount = 512
    /// What its eleven octal digits can say.
    package static let sizeMax: UInt64 = 1 << 33 - 1

    package let name: String
    package let size: UInt64

    /// - Precondition: a name of at most 100 bytes.
    package init(name: String, size: UInt64) {
        precondition(name.utf8.count <= 100, "the name is too long for an archive")
        self.name = name
        self.size = size
    }

    /// Returns `nil` for what is no header of a plain file, or a damaged one.
    package init?(_ bytes: some Collection<UInt8>) {
        let bytes = Array(bytes)
        guard bytes.count == Self.byteCount, Self.number(bytes[148..<156]) == Self.sum(bytes),
            bytes[257..<262].elementsEqual("ustar".utf8),
            bytes[156] == UInt8(ascii: "0") || bytes[156] == 0,
            let size = Self.number(bytes[124..<136])
        else { return nil }
        let name = bytes[0..<100].prefix { $0 != 0 }
        guard let text = String(validating: name, as: UTF8.self), !text.isEmpty else { return nil }
        self.name = text
        self.size = size
    }

    package var bytes: [UInt8] {
        var result = [UInt8](repeating: 0, count: Self.byteCount)
        func put(_ text: String, at place: Int) {
            result.replaceSubrange(place..<(place + text.utf8.count), with: text.utf8)
        }
        put(name, at: 0)
        put("0000600", at: 100)
        put("0000000", at: 108)
        put("0000000", at: 116)
        put(Self.octal(size, digits: 11), at: 124)
        put("00000000000", at: 136)
        put("0", at: 156)
        put("ustar", at: 257)
        put("00", at: 263)
        put(Self.octal(UInt64(Self.sum(result)), digits: 6), at: 148)
        result[155] = UInt8(ascii: " ")
        return result
    }

    /// Zero bytes that follow a file, so that the next header begins at a whole block.
    package var padding: Int { Int((512 - size % 512) % 512) }

    private static func octal(_ number: UInt64, digits: Int) -> String {
        let text = String(number, radix: 8)
        return String(repeating: "0", count: max(0, digits - text.count)) + text
    }

    private static func number(_ bytes: ArraySlice<UInt8>) -> UInt64? {
        let digits = bytes.drop { $0 == UInt8(ascii: " ") }.prefix { (0x30...0x37).contains($0) }
        return UInt64(String(decoding: digits, as: UTF8.self), radix: 8)
    }

    /// Over all bytes, with the checksum's own place counted as spaces.
    private static func sum(_ bytes: [UInt8]) -> UInt64 {
        bytes.enumerated().reduce(0) { sum, entry in
            sum + ((148..<156).contains(entry.offset) ? 32 : UInt64(entry.element))
        }
    }
}
