extension Cursor {
    /// The feed position in a cursor of whatever store, for showing it.
    ///
    /// - Returns: `nil` for what is no cursor.
    package static func feed(in text: String) -> UInt64? {
        guard let bytes = Base64URL.decode(text.dropFirst("c1_".count)), bytes.count > 5 else {
            return nil
        }
        let tag = bytes[1..<5].reduce(UInt32(0)) { $0 << 8 | UInt32($1) }
        return Cursor(text, storeTag: tag)?.feed
    }
}
