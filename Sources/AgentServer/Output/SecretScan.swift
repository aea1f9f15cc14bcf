import PeerState

/// Finds in a message body what must not be written into a log that keeps it for ever.
///
/// - Source: MCP 7.4.
enum SecretScan {
    /// Names what the body seems to hold, or returns `nil`.
    static func finding(in body: String) -> String? {
        if holds("pat_", in: body) { return "an access token (pat_…)" }
        if holds("pa1_", in: body) { return "an invite or join link (pa1_…)" }
        if body.utf8.holds("PRIVATE KEY-----".utf8) { return "a private key" }
        return nil
    }

    /// Whether the prefix begins a word and goes on.
    private static func holds(_ prefix: String, in body: String) -> Bool {
        var rest = body[...]
        while let match = rest.utf8.place(of: prefix.utf8) {
            let before = rest[..<match.lowerBound].last
            let after = rest[match.upperBound...].first
            if !(before?.isWord ?? false) && (after?.isWord ?? false) { return true }
            rest = rest[match.upperBound...]
        }
        return false
    }
}

extension Character {
    fileprivate var isWord: Bool { isASCII && (isLetter || isNumber) }
}
