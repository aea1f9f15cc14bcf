extension Dictionary {
    /// Hands out a value where it lies; `nil` when there is none.
    ///
    /// Through the subscript it would be copied whole, even to read one field of it.
    @discardableResult
    mutating func inPlace<Result>(
        _ key: Key, _ body: (inout Value) -> Result
    ) -> Result? {
        guard let index = index(forKey: key) else { return nil }
        return body(&values[index])
    }

    /// Hands out every value where it lies, in no order.
    mutating func eachInPlace(_ body: (Key, inout Value) -> Void) {
        var index = startIndex
        while index != endIndex {
            body(keys[index], &values[index])
            formIndex(after: &index)
        }
    }
}
