/// A time as agents write it: a distance such as `2h`, or a moment in ISO 8601.
package enum TimeArgument: Hashable, Sendable {
    /// - Units: milliseconds.
    case distance(UInt64)
    /// - Units: milliseconds since 1970.
    case moment(UInt64)

    /// Returns `nil` for anything else, and for distances beyond ten years.
    package init?(_ text: String) {
        if let distance = Self.distance(text) {
            self = .distance(distance)
        } else if let moment = Calendar.milliseconds(iso8601: text) {
            self = .moment(moment)
        } else {
            return nil
        }
    }

    private static func distance(_ text: String) -> UInt64? {
        let units: [Character: UInt64] = [
            "s": 1_000, "m": 60_000, "h": 3_600_000, "d": 86_400_000, "w": 604_800_000,
        ]
        guard let last = text.last, let unit = units[last], text.utf8.count <= 10,
            text.dropLast().utf8.allSatisfy({ (48...57).contains($0) }),
            let count = UInt64(text.dropLast())
        else { return nil }
        let (distance, overflow) = count.multipliedReportingOverflow(by: unit)
        return overflow || distance > 3_653 * 86_400_000 ? nil : distance
    }

    package func before(_ now: UInt64) -> UInt64 {
        switch self {
        case .distance(let distance): now >= distance ? now - distance : 0
        case .moment(let moment): moment
        }
    }

    package func after(_ now: UInt64) -> UInt64 {
        switch self {
        case .distance(let distance): now + distance
        case .moment(let moment): moment
        }
    }
}
