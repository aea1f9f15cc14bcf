/// The exclusive end of a range: a key and the first bytes of a name.
///
/// - Range: key `UInt64.max` is infinity and stands alone; the prefix has at most 32 bytes.
struct NegBound: Hashable, Sendable {
    var key: UInt64
    var prefix: [UInt8] = []

    static let start = NegBound(key: 0)
    static let infinity = NegBound(key: .max)

    /// The first place that is not below the bound.
    var place: NegItem { NegItem(key: key, id: NegID(padding: prefix)) }

    /// The shortest bound between two neighbours.
    static func between(_ last: NegItem, _ next: NegItem) -> NegBound {
        guard last.key == next.key else { return NegBound(key: next.key) }
        let length = min(last.id.sharedPrefix(with: next.id) + 1, NegID.byteCount)
        return NegBound(key: next.key, prefix: Array(next.id.bytes.prefix(length)))
    }
}
