import PeerState

/// A server as an argument names it: an id, a prefix of one, or a name that only one has here.
package struct ServerAddress: Hashable, Sendable {
    package var text: String
    package var field: String

    init(text: String, field: String) {
        self.text = text
        self.field = field
    }

    init(_ json: JSON, _ field: String) throws {
        text = try ArgumentReading.text(json, field, bytes: 1...256)
        self.field = field
    }
}

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

/// A message as an argument names it: an id or a unique prefix, after an optional `m:`.
package struct MessageAddress: Hashable, Sendable {
    /// Lower-case hexadecimal digits, from 16 to 64.
    package var digits: String

    init?(_ text: String) {
        let digits = text.hasPrefix("m:") ? text.dropFirst(2) : text[...]
        guard let digits = HexPrefix.digits(digits) else { return nil }
        self.digits = digits
    }

    init(_ json: JSON, _ field: String) throws {
        guard let address = json.string.flatMap({ MessageAddress($0) }) else {
            throw ToolRefusal.invalid(
                field, "must be a message id: 16 to 64 hexadecimal digits, m: allowed before.")
        }
        self = address
    }
}

/// The beginning of an id, long enough to be looked for.
enum HexPrefix {
    /// Returns the digits in lower case, or `nil` unless there are 16 to 64 of them.
    static func digits(_ text: some StringProtocol) -> String? {
        let isHex = text.utf8.allSatisfy { byte in
            (48...57).contains(byte) || (97...102).contains(byte) || (65...70).contains(byte)
        }
        guard isHex, (Limits.idPrefixDigits...64).contains(text.utf8.count) else { return nil }
        return text.lowercased()
    }
}
