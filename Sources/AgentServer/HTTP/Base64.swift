/// Standard Base64 with padding, read strictly (RFC 4648, section 4).
package enum Base64 {
    private static let alphabet = Array<UInt8>(
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)
    private static let pad = UInt8(ascii: "=")

    /// The six bits of each character; 64 for every other one.
    private static let values: [UInt8] = {
        var values = [UInt8](repeating: 64, count: 256)
        for (value, character) in alphabet.enumerated() { values[Int(character)] = UInt8(value) }
        return values
    }()

    package static func encode(_ bytes: [UInt8]) -> String {
        let count = (bytes.count + 2) / 3 * 4
        return String(unsafeUninitializedCapacity: count) { output in
            var place = 0
            var index = 0
            func put(_ value: UInt32) {
                output[place] = alphabet[Int(value & 63)]
                place += 1
            }
            while index < bytes.count {
                let left = bytes.count - index
                let first = UInt32(bytes[index]) << 16
                let second = left > 1 ? UInt32(bytes[index + 1]) << 8 : 0
                let word = first | second | (left > 2 ? UInt32(bytes[index + 2]) : 0)
                put(word >> 18)
                put(word >> 12)
                put(word >> 6)
                put(word)
                index += 3
            }
            for missing in 0..<((3 - bytes.count % 3) % 3) { output[count - 1 - missing] = pad }
            return count
        }
    }

    /// Returns `nil` for wrong padding, other characters, and unused bits that are set.
    package static func decode(_ text: Substring) -> [UInt8]? {
        let characters = Array(text.utf8)
        guard characters.count.isMultiple(of: 4) else { return nil }
        let padding = characters.suffix(2).reversed().prefix { $0 == pad }.count
        var result: [UInt8] = []
        result.reserveCapacity(characters.count / 4 * 3)
        var buffer: UInt32 = 0
        var bits: UInt32 = 0
        for character in characters[..<(characters.count - padding)] {
            let value = values[Int(character)]
            guard value < 64 else { return nil }
            buffer = (buffer << 6 | UInt32(value)) & 0xFFFF
            bits += 6
            guard bits >= 8 else { continue }
            bits -= 8
            result.append(UInt8(truncatingIfNeeded: buffer >> bits))
        }
        guard bits < 6, buffer & (1 << bits - 1) == 0 else { return nil }
        return result
    }
}
