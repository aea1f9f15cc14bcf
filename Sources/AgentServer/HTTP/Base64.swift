/// Standard Base64 with padding, read strictly (RFC 4648, section 4).
enum Base64 {
    /// Returns `nil` for wrong padding, other characters, and unused bits that are set.
    static func decode(_ text: Substring) -> [UInt8]? {
        guard text.utf8.count.isMultiple(of: 4) else { return nil }
        let padding = text.utf8.suffix(2).reversed().prefix { $0 == UInt8(ascii: "=") }.count
        let bare = text.dropLast(padding)
        // The other alphabet's two characters must not slip through.
        guard !bare.utf8.contains(where: { $0 == UInt8(ascii: "-") || $0 == UInt8(ascii: "_") })
        else { return nil }
        let urlSafe = String(bare.map { $0 == "+" ? "-" : $0 == "/" ? "_" : $0 })
        return Base64URL.decode(urlSafe[...])
    }
}
