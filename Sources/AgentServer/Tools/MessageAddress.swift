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
