/// One parameter of a statement.
package enum SQLValue: Sendable {
    case null
    case integer(Int64)
    case text(String)
    case blob([UInt8])
    /// 32 bytes, as they lie in memory.
    case words(UInt64, UInt64, UInt64, UInt64)

    /// SQLite's integers are signed; the bits stay the same.
    package static func unsigned(_ value: UInt64) -> Self { .integer(Int64(bitPattern: value)) }

    package static func identifier<Kind>(_ value: Identifier<Kind>) -> Self {
        let (first, second, third, fourth) = value.memoryWords
        return .words(first, second, third, fourth)
    }
}
