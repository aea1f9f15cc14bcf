import PeerState

/// Finds in a message body what must not be written into a log that keeps it for ever.
///
/// - Source: MCP 7.4.
enum SecretScan {
    private static let prefixes = [
        (Array("pat_".utf8), "an access token (pat_…)"),
        (Array("pa1_".utf8), "an invite or join link (pa1_…)"),
    ]
    private static let keyEnd = Array("PRIVATE KEY-----".utf8)

    /// Names what the body seems to hold, or returns `nil`.
    static func finding(in body: String) -> String? {
        var body = body
        // Every body that is posted comes by here: bytes in place, no characters.
        return body.withUTF8 { bytes in
            for (prefix, name) in prefixes {
                let isHeld = places(of: prefix, in: bytes).contains { start in
                    let end = start + prefix.count
                    let before = start > 0 ? bytes[start - 1] : 0
                    // The prefix begins a word and goes on.
                    return !isWord(before) && end < bytes.count && isWord(bytes[end])
                }
                if isHeld { return name }
            }
            return places(of: keyEnd, in: bytes).isEmpty ? nil : "a private key"
        }
    }

    private static func places(
        of part: [UInt8], in bytes: UnsafeBufferPointer<UInt8>
    ) -> [Int] {
        guard bytes.count >= part.count else { return [] }
        var found: [Int] = []
        for start in 0...(bytes.count - part.count)
        where bytes[start] == part[0] && bytes[start + 1] == part[1] {
            if bytes[start..<start + part.count].elementsEqual(part) { found.append(start) }
        }
        return found
    }

    private static func isWord(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "a")...UInt8(ascii: "z"),
            UInt8(ascii: "A")...UInt8(ascii: "Z"):
            true
        default: false
        }
    }
}
