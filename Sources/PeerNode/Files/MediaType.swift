/// What kind of content a file has, as its name for the web.
package enum MediaType {
    package static let unknown = "application/octet-stream"

    private static let beginnings: [(type: String, bytes: [UInt8])] = [
        ("image/png", [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A]),
        ("image/jpeg", [0xFF, 0xD8, 0xFF]),
        ("image/gif", Array("GIF8".utf8)),
        ("application/pdf", Array("%PDF-".utf8)),
        ("application/zip", [0x50, 0x4B, 3, 4]),
    ]

    /// The type that the first bytes prove; `nil` when they prove none.
    package static func proven(by beginning: [UInt8]) -> String? {
        if beginning.count >= 12, beginning.starts(with: Array("RIFF".utf8)),
            Array(beginning[8..<12]) == Array("WEBP".utf8)
        {
            return "image/webp"
        }
        return beginnings.first { beginning.starts(with: $0.bytes) }?.type
    }

    /// The type of a file whose author named none.
    package static func guess(_ beginning: [UInt8]) -> String {
        if let proven = proven(by: beginning) { return proven }
        var text = beginning[...]
        // The last character may go on in the next part.
        while let last = text.last, last & 0xC0 == 0x80 { text.removeLast() }
        if let last = text.last, last >= 0xC0 { text.removeLast() }
        let isText = !text.contains(0) && String(validating: text, as: UTF8.self) != nil
        return isText && !text.isEmpty ? "text/plain" : unknown
    }

    /// Whether it reads as `type/subtype`, perhaps with parameters.
    package static func isWellFormed(_ type: String) -> Bool {
        guard type.utf8.count <= 255, type.utf8.allSatisfy({ (0x20...0x7E).contains($0) }) else {
            return false
        }
        let bare = type.split(separator: ";", maxSplits: 1, omittingEmptySubsequences: false)[0]
        let halves = bare.split(separator: "/", omittingEmptySubsequences: false)
        let allowed = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789!#$&-^_.+"
        return halves.count == 2
            && halves.allSatisfy { !$0.isEmpty && $0.allSatisfy(allowed.contains) }
    }

    /// Whether the content can be what it is said to be: an image must begin like one.
    package static func fits(_ type: String, _ beginning: [UInt8]) -> Bool {
        let checked = ["image/png", "image/jpeg", "image/gif", "image/webp", "application/pdf"]
        let bare = type.lowercased()
        return !checked.contains(bare) || proven(by: beginning) == bare
    }
}
