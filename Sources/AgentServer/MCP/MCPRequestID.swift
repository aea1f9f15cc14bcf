/// The id of a request, kept as it was written so that it is echoed digit for digit.
///
/// Equal when type and value are equal: `1` and `"1"` differ (MCP 1.2, G1).
package struct MCPRequestID: Hashable, Sendable {
    package let value: JSON
    package let raw: [UInt8]

    /// Returns `nil` unless the value is a string or a whole number of at most 64 bits.
    package init?(_ value: JSON, raw: [UInt8]? = nil) {
        switch value {
        case .string, .integer, .unsigned: break
        default: return nil
        }
        self.value = value
        self.raw = raw ?? value.encoded
    }

    package static func == (left: Self, right: Self) -> Bool { left.value == right.value }
    package func hash(into hasher: inout Hasher) { hasher.combine(value) }
}
