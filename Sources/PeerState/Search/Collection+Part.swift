/// Looking for a part by its elements.
///
/// The toolchain's own way brings its whole library for regular expressions into the program
/// (docs/decisions/0080).
extension Collection where Element: Equatable {
    /// Returns where `part` stands first; an empty part stands at the beginning.
    package func place(of part: some Collection<Element>) -> Range<Index>? {
        var start = startIndex
        while true {
            if let end = end(of: part, from: start) { return start..<end }
            guard start < endIndex else { return nil }
            formIndex(after: &start)
        }
    }

    package func holds(_ part: some Collection<Element>) -> Bool { place(of: part) != nil }

    private func end(of part: some Collection<Element>, from start: Index) -> Index? {
        var index = start
        for element in part {
            guard index < endIndex, self[index] == element else { return nil }
            formIndex(after: &index)
        }
        return index
    }
}
