/// Tokens that were not taken, counted by address and minute until the minute is over.
///
/// - Source: MCP 9.9. - Bound: `addressesMax`; the oldest minute is told before its end.
/// - Units: ms since 1970.
package struct RefusedAccess: Sendable {
    private struct Count {
        let minute: UInt64
        var reasons: [String: Int] = [:]
    }

    package static let addressesMax = 1_024
    private static let minute: UInt64 = 60_000

    private var counts: [String: Count] = [:]

    package init() {}

    package var isEmpty: Bool { counts.isEmpty }

    /// - Returns: the facts of a minute that had to make room.
    package mutating func add(_ address: String, _ reason: String, now: UInt64) -> JSONObject? {
        let minute = now / Self.minute
        var told: JSONObject?
        if let count = counts[address], count.minute != minute {
            told = end(address)
        } else if counts[address] == nil && counts.count >= Self.addressesMax {
            told = counts.min { ($0.value.minute, $0.key) < ($1.value.minute, $1.key) }
                .flatMap { end($0.key) }
        }
        counts[address, default: Count(minute: minute)].reasons[reason, default: 0] += 1
        return told
    }

    /// Facts of the minutes that are over.
    package mutating func take(before now: UInt64) -> [JSONObject] {
        counts.filter { $0.value.minute < now / Self.minute }.keys.sorted().compactMap { end($0) }
    }

    private mutating func end(_ address: String) -> JSONObject? {
        guard let count = counts.removeValue(forKey: address) else { return nil }
        let reasons = count.reasons.sorted { $0.key < $1.key }
        return [
            "event": "access_refused", "address": .string(Sanitiser.name(address, 64)),
            "minute": .string(Calendar.seconds(count.minute * Self.minute)),
            "count": JSON(reasons.reduce(0) { $0 + $1.value }),
            "reason": .string(reasons.map(\.key).joined(separator: " ")),
        ]
    }
}
