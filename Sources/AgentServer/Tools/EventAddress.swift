import PeerState

/// A role, proposal, link or event as an argument names it: its id, or the beginning of it.
package struct EventAddress: Hashable, Sendable {
    /// Lower-case hexadecimal digits, from 16 to 64.
    package var digits: String
    package var field: String

    init(_ json: JSON, _ field: String) throws {
        guard let text = json.string, let digits = HexPrefix.digits(text) else {
            throw ToolRefusal.invalid(field, "must be an id: 16 to 64 hexadecimal digits.")
        }
        self.digits = digits
        self.field = field
    }

    /// The only one of these ids that begins so.
    ///
    /// - Errors: `missing` when there is none, `ambiguous_id`.
    func match(among ids: [Event.ID], missing: ToolCode, _ advice: String) throws -> Event.ID {
        let matches = ids.filter { $0.hex.hasPrefix(digits) }
        guard let match = matches.first else {
            throw ToolRefusal(missing, "\(field): \(advice)")
        }
        guard matches.count == 1 else {
            throw ToolRefusal(
                .ambiguousID, "\(field): several ids begin like that; give more digits.",
                facts: ["candidates": JSON(matches.map(\.hex))])
        }
        return match
    }
}
