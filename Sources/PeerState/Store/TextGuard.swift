/// A number over a stored text and its place, by which damage to a row is noticed.
///
/// Against accidents alone: events are what is signed. Each step can be undone, so that a change
/// within one word of eight bytes always gives another number.
struct TextGuard {
    private var state: UInt64 = 0x7065_6572_7465_7874

    mutating func add(_ word: UInt64) {
        state = (state ^ word) &* 0x9e37_79b9_7f4a_7c15
        state ^= state >> 32
    }

    mutating func add(_ bytes: UnsafeRawBufferPointer) {
        var place = 0
        while place + 8 <= bytes.count {
            add(UInt64(littleEndian: bytes.loadUnaligned(fromByteOffset: place, as: UInt64.self)))
            place += 8
        }
        var rest: UInt64 = 0
        for byte in bytes[place...] { rest = rest << 8 | UInt64(byte) }
        add(rest)
        add(UInt64(bytes.count))
    }

    /// As the database keeps it.
    var value: Int64 { Int64(bitPattern: state) }

    /// The number as SQL says it, from the names of the six columns or parameters.
    static func sql(
        ref: String = "ref", seq: String = "seq", parent: String = "parent",
        source: String = "source", epoch: String = "epoch", text: String = "text"
    ) -> String {
        "text_guard(\(ref), \(seq), \(parent), \(source), \(epoch), \(text))"
    }
}
