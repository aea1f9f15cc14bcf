/// Short numbers for the messages a person has seen, so that nobody types ids.
///
/// - Bound: the newest 2,000.
package struct ChatNumbers: Sendable {
    private static let kept = 2_000

    private var ids: [Int: String] = [:]
    private var numbers: [String: Int] = [:]
    private var last = 0

    package init() {}

    /// The number of a message, the same each time.
    package mutating func number(of id: String) -> Int {
        if let known = numbers[id] { return known }
        last += 1
        ids[last] = id
        numbers[id] = last
        if let old = ids.removeValue(forKey: last - Self.kept) { numbers[old] = nil }
        return last
    }

    /// What a person means: a number, or an id, or its beginning.
    ///
    /// - Parameter reference: `nil` = the newest message.
    package func id(_ reference: String?) -> String? {
        guard let reference else { return ids[last] }
        let text = reference.hasPrefix("#") ? String(reference.dropFirst()) : reference
        if let number = Int(text), text.utf8.count < 16 { return ids[number] }
        return text.utf8.count >= 16 && text.allSatisfy(\.isHexDigit) ? text : nil
    }
}
