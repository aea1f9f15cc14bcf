extension JSON {
    /// The compact text: no spaces, members in their order, never a line break.
    package var encoded: [UInt8] {
        var result: [UInt8] = []
        result.reserveCapacity(256)
        write(into: &result)
        return result
    }

    package var text: String { String(decoding: encoded, as: UTF8.self) }

    package func write(into result: inout [UInt8]) {
        switch self {
        case .null: result.append(contentsOf: "null".utf8)
        case .bool(let flag): result.append(contentsOf: (flag ? "true" : "false").utf8)
        case .integer(let value): result.append(contentsOf: value.description.utf8)
        case .unsigned(let value): result.append(contentsOf: value.description.utf8)
        case .number(let value):
            result.append(contentsOf: (value.isFinite ? value.description : "null").utf8)
        case .string(let text): Self.write(text, into: &result)
        case .array(let items): Self.write(items, into: &result)
        case .object(let object): object.write(into: &result)
        }
    }

    private static func write(_ items: [JSON], into result: inout [UInt8]) {
        result.append(UInt8(ascii: "["))
        for (index, item) in items.enumerated() {
            if index > 0 { result.append(UInt8(ascii: ",")) }
            item.write(into: &result)
        }
        result.append(UInt8(ascii: "]"))
    }

    static func write(_ text: String, into result: inout [UInt8]) {
        var text = text
        result.append(UInt8(ascii: "\""))
        text.withUTF8 { bytes in
            var start = 0
            for (index, byte) in bytes.enumerated() {
                guard byte < 0x20 || byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "\\")
                else { continue }
                result.append(contentsOf: bytes[start..<index])
                appendEscaped(byte, to: &result)
                start = index + 1
            }
            result.append(contentsOf: bytes[start...])
        }
        result.append(UInt8(ascii: "\""))
    }

    private static func appendEscaped(_ byte: UInt8, to result: inout [UInt8]) {
        result.append(UInt8(ascii: "\\"))
        switch byte {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"): result.append(byte)
        case 0x0A: result.append(UInt8(ascii: "n"))
        case 0x0D: result.append(UInt8(ascii: "r"))
        case 0x09: result.append(UInt8(ascii: "t"))
        default:
            let digits = Array<UInt8>("0123456789abcdef".utf8)
            result.append(contentsOf: "u00".utf8)
            result.append(digits[Int(byte >> 4)])
            result.append(digits[Int(byte & 15)])
        }
    }
}

extension JSONObject {
    package func write(into result: inout [UInt8]) {
        result.append(UInt8(ascii: "{"))
        for (index, member) in members.enumerated() {
            if index > 0 { result.append(UInt8(ascii: ",")) }
            JSON.write(member.key, into: &result)
            result.append(UInt8(ascii: ":"))
            member.value.write(into: &result)
        }
        result.append(UInt8(ascii: "}"))
    }
}
