import PeerState

/// What one call or change did, without any text that belongs to people.
///
/// - Source: MCP 9.9.
package struct AuditRecord: Hashable, Sendable {
    /// ms since 1970.
    package var at: UInt64
    /// Everything besides number, time and the link to the record before.
    package var facts: JSONObject

    package init(at: UInt64, _ facts: JSONObject) {
        self.at = at
        self.facts = facts
    }

    /// The line that is stored and hashed.
    func line(number: UInt64, previous: [UInt8]) -> [UInt8] {
        var object: JSONObject = [
            "n": JSON(number), "at": .string(Calendar.milliseconds(at)),
            "prev": .string(previous.hex),
        ]
        for member in facts.members { object.append(member.key, member.value) }
        return JSON.object(object).encoded
    }
}

extension Calendar {
    /// `2026-01-31T12:34:56.789Z`
    static func milliseconds(_ milliseconds: UInt64) -> String {
        let digits = String(milliseconds % 1_000 + 1_000).dropFirst()
        return seconds(milliseconds).dropLast() + ".\(digits)Z"
    }
}
