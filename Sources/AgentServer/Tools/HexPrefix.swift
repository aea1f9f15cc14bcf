import PeerState

/// The beginning of an id, long enough to be looked for.
enum HexPrefix {
    /// Returns the digits in lower case, or `nil` unless there are 16 to 64 of them.
    static func digits(_ text: some StringProtocol) -> String? {
        let isHex = text.utf8.allSatisfy { byte in
            (48...57).contains(byte) || (97...102).contains(byte) || (65...70).contains(byte)
        }
        guard isHex, (Limits.idPrefixDigits...64).contains(text.utf8.count) else { return nil }
        return text.lowercased()
    }
}
