/// Finds what somebody probably meant to type.
enum Spelling {
    /// Longer words are no slips, and comparing costs their product.
    private static let lengthMax = 64

    /// The candidate with the fewest changed letters, if they are few.
    static func nearest(to word: String, among candidates: [String]) -> String? {
        guard word.utf8.count <= lengthMax else { return nil }
        let measured = candidates.map { (distance(word, $0), $0) }
        guard let best = measured.min(by: { $0.0 < $1.0 }) else { return nil }
        return best.0 <= max(2, word.utf8.count / 3) ? best.1 : nil
    }

    /// Levenshtein's distance over bytes.
    static func distance(_ left: String, _ right: String) -> Int {
        let right = Array(right.utf8)
        var row = Array(0...right.count)
        for (index, letter) in left.utf8.enumerated() {
            var diagonal = row[0]
            row[0] = index + 1
            for place in right.indices {
                let changed = diagonal + (right[place] == letter ? 0 : 1)
                diagonal = row[place + 1]
                row[place + 1] = min(changed, diagonal + 1, row[place] + 1)
            }
        }
        return row[right.count]
    }
}
