import PeerState

/// The alphabets and small rules of RFC 9110 and 9112.
enum HTTPGrammar {
    /// A byte of a method or header name.
    static func isTokenByte(_ byte: UInt8) -> Bool {
        switch byte {
        case 0x30...0x39, 0x41...0x5A, 0x61...0x7A: true
        case UInt8(ascii: "!"), UInt8(ascii: "#"), UInt8(ascii: "$"), UInt8(ascii: "%"),
            UInt8(ascii: "&"), UInt8(ascii: "'"), UInt8(ascii: "*"), UInt8(ascii: "+"),
            UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "^"), UInt8(ascii: "_"),
            UInt8(ascii: "`"), UInt8(ascii: "|"), UInt8(ascii: "~"):
            true
        default: false
        }
    }

    /// A byte of a header's value: visible, space, tab, or beyond ASCII.
    static func isFieldByte(_ byte: UInt8) -> Bool {
        byte == 0x09 || (0x20...0x7E).contains(byte) || byte >= 0x80
    }

    static func isDigit(_ byte: UInt8) -> Bool { (0x30...0x39).contains(byte) }

    static func hexValue(_ byte: UInt8) -> Int? {
        switch byte {
        case 0x30...0x39: Int(byte) - 0x30
        case 0x41...0x46: Int(byte) - 0x37
        case 0x61...0x66: Int(byte) - 0x57
        default: nil
        }
    }

    /// Headers that decide where a request ends and whose it is; they never come after it.
    static let framing: Set<String> = [
        "transfer-encoding", "content-length", "host", "authorization", "connection", "expect",
    ]

    /// A header line: its name in lower case, and its value as written after the colon.
    static func field(_ line: [UInt8]) throws(HTTPFailure) -> (name: String, raw: String) {
        if line[0] == 0x20 || line[0] == 0x09 {
            throw HTTPFailure(.badHeader, "a folded line")
        }
        guard let colon = line.firstIndex(of: UInt8(ascii: ":")), colon > 0,
            line[..<colon].allSatisfy(isTokenByte)
        else { throw HTTPFailure(.badHeader, "a header needs a name and a colon right after it") }
        let value = line[(colon + 1)...]
        guard value.allSatisfy(isFieldByte) else {
            throw HTTPFailure(.badHeader, "a control character in a value")
        }
        return (
            String(decoding: line[..<colon], as: UTF8.self).lowercased(),
            String(decoding: value, as: UTF8.self)
        )
    }
}
