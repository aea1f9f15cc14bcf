/// Hashes of short keys that are numbers of ours or random already, for tables on the path of
/// every event.
///
/// Seeded per process, and by each table's own seed, so that nobody can prepare keys that collide
/// and a table can be filled in the order of another. One multiplication, where the standard
/// hasher takes a dozen rounds.
@usableFromInline
enum FastHash {
    @usableFromInline static let seeds = (
        UInt64(truncatingIfNeeded: "first".hashValue),
        UInt64(truncatingIfNeeded: "second".hashValue)
    )

    @inlinable static func value(_ first: UInt64, _ second: UInt64, seed: Int) -> Int {
        let own = UInt64(truncatingIfNeeded: seed) &* 0x9e37_79b9_7f4a_7c15
        let product = (first ^ seeds.0).multipliedFullWidth(by: second ^ seeds.1 ^ own)
        return Int(truncatingIfNeeded: product.high ^ product.low)
    }
}
