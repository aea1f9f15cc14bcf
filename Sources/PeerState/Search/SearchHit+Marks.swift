extension SearchHit.Snippet {
    /// Marks put by the index round what matched; texts hold no such characters, and a hostile one
    /// that does only marks itself.
    static let open: UInt8 = 1
    static let close: UInt8 = 2

    /// Takes the marks out and remembers where they stood.
    init(marked: String) {
        var bytes: [UInt8] = []
        var ranges: [Range<Int>] = []
        var start: Int?
        for byte in marked.utf8 {
            switch byte {
            case Self.open: start = start ?? bytes.count
            case Self.close:
                if let from = start, from < bytes.count { ranges.append(from..<bytes.count) }
                start = nil
            default: bytes.append(byte)
            }
        }
        self.init(text: String(decoding: bytes, as: UTF8.self), ranges: ranges)
    }

    /// The beginning of a text in which no word was looked for.
    init(beginning text: String) {
        var count = 0
        var end = text.startIndex
        for index in text.unicodeScalars.indices {
            count += UTF8.width(text.unicodeScalars[index])
            guard count <= Limits.snippetBytes else { break }
            end = text.unicodeScalars.index(after: index)
        }
        let part = String(text[..<end])
        self.init(text: end == text.endIndex ? part : part + "…", ranges: [])
    }
}
