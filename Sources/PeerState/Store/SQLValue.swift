/// One parameter of a statement.
package enum SQLValue: Sendable {
    case null
    case integer(Int64)
    case text(String)
    case blob([UInt8])

    /// SQLite's integers are signed; the bits stay the same.
    package static func unsigned(_ value: UInt64) -> Self { .integer(Int64(bitPattern: value)) }

    package static func identifier<Kind>(_ value: Identifier<Kind>) -> Self { .blob(value.bytes) }
}
