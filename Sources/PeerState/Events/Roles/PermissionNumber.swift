/// One permission as events name it: the number of its bit, 0 … 7.
package struct PermissionNumber: Hashable, Sendable {
    package static let range: ClosedRange<UInt64> = 0...7

    package let rawValue: UInt64

    /// Returns `nil` above 7.
    package init?(_ rawValue: UInt64) {
        guard Self.range.contains(rawValue) else { return nil }
        self.rawValue = rawValue
    }

    /// The set that holds this permission alone.
    package var permissions: Permissions { Permissions(rawValue: 1 << rawValue) }

    package init(from reader: inout CBORReader) throws(Failure<WireCode>) {
        rawValue = try reader.unsigned(in: Self.range, "permission")
    }

    package func write(to writer: inout CBORWriter) { writer.unsigned(rawValue) }
}
