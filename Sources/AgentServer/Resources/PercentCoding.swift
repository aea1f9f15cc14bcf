import PeerState

/// Percent-encoding of UTF-8 (RFC 3986), the one spelling of each text.
enum PercentCoding {
    /// Encodes everything but unreserved characters.
    static func encode(_ text: String) -> String {
        let digits = Array<UInt8>("0123456789ABCDEF".utf8)
        var result: [UInt8] = []
        for byte in text.utf8 {
            switch byte {
            case 48...57, 65...90, 97...122, UInt8(ascii: "-"), UInt8(ascii: "."),
                UInt8(ascii: "_"), UInt8(ascii: "~"):
                result.append(byte)
            default:
                result.append(UInt8(ascii: "%"))
                result.append(digits[Int(byte >> 4)])
                result.append(digits[Int(byte & 15)])
            }
        }
        return String(decoding: result, as: UTF8.self)
    }

    /// Returns `nil` for a bad escape, invalid UTF-8 and control characters.
    static func decode(_ text: some StringProtocol) -> String? {
        var result: [UInt8] = []
        var rest = Array(text.utf8)[...]
        while let byte = rest.popFirst() {
            guard byte == UInt8(ascii: "%") else {
                result.append(byte)
                continue
            }
            let digits = String(decoding: rest.prefix(2), as: UTF8.self)
            guard rest.count >= 2, let value = [UInt8](hex: digits)?.first else { return nil }
            rest = rest.dropFirst(2)
            result.append(value)
        }
        guard let decoded = String(validating: result, as: UTF8.self) else { return nil }
        let hasControl = decoded.unicodeScalars.contains {
            $0.properties.generalCategory == .control
        }
        return hasControl ? nil : decoded
    }
}
