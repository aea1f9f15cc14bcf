/// Puts the bytes of a terminal together to keys.
///
/// - Source: ECMA-48 for control sequences, xterm for bracketed paste.
package struct KeyDecoder: Sendable {
    package enum Key: Hashable, Sendable {
        case text(Unicode.Scalar)
        case enter, interrupt, endOfInput, clearScreen
        case backspace, delete, eraseToStart, eraseToEnd, eraseWord
        case left, right, home, lineEnd, up, down
    }

    private enum State: Sendable {
        case plain
        case escape
        /// After ESC [ or ESC O, with what came since.
        case sequence([UInt8])
        /// Within a character of several bytes.
        case character([UInt8], count: Int)
    }

    private static let sequenceMax = 16

    private var state = State.plain
    private var isPasting = false

    package init() {}

    /// - Returns: a key, when this byte completes one that is known.
    package mutating func take(_ byte: UInt8) -> Key? {
        switch state {
        case .plain: return plain(byte)
        case .escape:
            let begins = byte == UInt8(ascii: "[") || byte == UInt8(ascii: "O")
            state = begins ? .sequence([]) : .plain
            return nil
        case .sequence(let bytes): return sequence(bytes, byte)
        case .character(let bytes, let count): return character(bytes + [byte], count)
        }
    }

    private mutating func plain(_ byte: UInt8) -> Key? {
        switch byte {
        case 0x1B:
            state = .escape
            return nil
        case 0x20...0x7E: return .text(Unicode.Scalar(byte))
        case 0xC2...0xDF: return begin(byte, count: 2)
        case 0xE0...0xEF: return begin(byte, count: 3)
        case 0xF0...0xF4: return begin(byte, count: 4)
        case 0x0D, 0x0A: return isPasting ? .text("\n") : .enter
        case 0x09: return isPasting ? .text(" ") : nil
        default: return isPasting ? nil : control(byte)
        }
    }

    private func control(_ byte: UInt8) -> Key? {
        switch byte {
        case 0x01: .home
        case 0x02: .left
        case 0x03: .interrupt
        case 0x04: .endOfInput
        case 0x05: .lineEnd
        case 0x06: .right
        case 0x08, 0x7F: .backspace
        case 0x0B: .eraseToEnd
        case 0x0C: .clearScreen
        case 0x0E: .down
        case 0x10: .up
        case 0x15: .eraseToStart
        case 0x17: .eraseWord
        default: nil
        }
    }

    private mutating func begin(_ byte: UInt8, count: Int) -> Key? {
        state = .character([byte], count: count)
        return nil
    }

    private mutating func character(_ bytes: [UInt8], _ count: Int) -> Key? {
        guard bytes.last.map({ $0 & 0xC0 == 0x80 }) == true else {
            state = .plain
            return bytes.last.flatMap { plain($0) }
        }
        guard bytes.count == count else {
            state = .character(bytes, count: count)
            return nil
        }
        state = .plain
        let text = String(validating: bytes, as: UTF8.self)
        return text?.unicodeScalars.first.map { .text($0) }
    }

    private mutating func sequence(_ bytes: [UInt8], _ byte: UInt8) -> Key? {
        guard byte >= 0x40 else {
            state = bytes.count < Self.sequenceMax ? .sequence(bytes + [byte]) : .plain
            return nil
        }
        state = .plain
        let number = String(decoding: bytes, as: UTF8.self)
        switch (byte, number) {
        case (UInt8(ascii: "A"), _): return .up
        case (UInt8(ascii: "B"), _): return .down
        case (UInt8(ascii: "C"), _): return .right
        case (UInt8(ascii: "D"), _): return .left
        case (UInt8(ascii: "H"), _), (UInt8(ascii: "~"), "1"), (UInt8(ascii: "~"), "7"):
            return .home
        case (UInt8(ascii: "F"), _), (UInt8(ascii: "~"), "4"), (UInt8(ascii: "~"), "8"):
            return .lineEnd
        case (UInt8(ascii: "~"), "3"): return .delete
        case (UInt8(ascii: "~"), "200"): isPasting = true
        case (UInt8(ascii: "~"), "201"): isPasting = false
        default: break
        }
        return nil
    }
}
