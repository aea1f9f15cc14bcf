import PeerState

/// A channel as an argument names it: `[server/]` and `#name`, `name`, an id or `@peer`.
///
/// - Source: MCP 3.1.
package struct ChannelAddress: Hashable, Sendable {
    static let maxInList = 32

    package var text: String
    package var field: String

    init(text: String, field: String) {
        self.text = text
        self.field = field
    }

    init(_ json: JSON, _ field: String) throws {
        text = try ArgumentReading.text(json, field, bytes: 1...512)
        self.field = field
    }
}
