/// One decoder under test: takes any bytes, must neither trap nor break its property.
package struct FuzzTarget: Sendable {
    /// A property that did not hold, in words.
    package struct Broken: Error, CustomStringConvertible {
        package let description: String
        package init(_ description: String) { self.description = description }
    }

    package let name: String
    /// Valid inputs to begin from.
    package let corpus: @Sendable (SeedCorpus) -> [[UInt8]]
    package let check: @Sendable ([UInt8]) throws(Broken) -> Void

    package static let all: [FuzzTarget] = [
        .cbor, .event, .fold, .frame, .handshakePayload, .handshake, .session, .framer, .invite,
        .json, .mcp, .cursor, .address,
    ]
}

/// What the shared vectors hold, as bytes; empty where there are none.
package struct SeedCorpus: Sendable {
    /// Strings of hexadecimal digits in the vectors, decoded.
    package var binary: [[UInt8]] = []
    /// Example messages of the client protocol.
    package var json: [[UInt8]] = []

    package init() {}

    /// Finds every quoted string of hexadecimal digits in a text.
    package mutating func addHex(in text: [UInt8]) {
        for word in text.split(separator: UInt8(ascii: "\"")) {
            guard word.count >= 2, word.count.isMultiple(of: 2), word.count <= 16_384 else {
                continue
            }
            let digits = word.map { Self.digit($0) }
            guard !digits.contains(16) else { continue }
            var bytes: [UInt8] = []
            for place in stride(from: 0, to: digits.count, by: 2) {
                bytes.append(digits[place] << 4 | digits[place + 1])
            }
            binary.append(bytes)
        }
    }

    private static func digit(_ byte: UInt8) -> UInt8 {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): byte - UInt8(ascii: "0")
        case UInt8(ascii: "a")...UInt8(ascii: "f"): byte - UInt8(ascii: "a") + 10
        default: 16
        }
    }
}
