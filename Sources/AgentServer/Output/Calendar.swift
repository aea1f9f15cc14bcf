/// Days and times of the Gregorian calendar in UTC, without a library for it.
///
/// - Source: H. Hinnant, "chrono-compatible low-level date algorithms".
enum Calendar {
    static let millisecondsPerDay: UInt64 = 86_400_000

    /// - Parameter days: since 1970-01-01.
    static func date(days: Int64) -> (year: Int64, month: Int64, day: Int64) {
        let shifted = days + 719_468
        let era = (shifted >= 0 ? shifted : shifted - 146_096) / 146_097
        let dayOfEra = shifted - era * 146_097
        let yearOfEra =
            (dayOfEra - dayOfEra / 1_460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let marchMonth = (5 * dayOfYear + 2) / 153
        let month = marchMonth < 10 ? marchMonth + 3 : marchMonth - 9
        let year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0)
        return (year, month, dayOfYear - (153 * marchMonth + 2) / 5 + 1)
    }

    static func days(year: Int64, month: Int64, day: Int64) -> Int64 {
        let year = month <= 2 ? year - 1 : year
        let era = (year >= 0 ? year : year - 399) / 400
        let yearOfEra = year - era * 400
        let dayOfYear = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1
        let dayOfEra = yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear
        return era * 146_097 + dayOfEra - 719_468
    }

    /// `2026-01-31`
    static func day(_ milliseconds: UInt64) -> String {
        // The latest time that is shown in full; clocks of others are clamped, but not here.
        let bounded = min(milliseconds, 253_402_300_799_999)
        let date = date(days: Int64(bounded / millisecondsPerDay))
        return "\(padded(date.year, 4))-\(padded(date.month, 2))-\(padded(date.day, 2))"
    }

    /// `12:34`
    static func time(_ milliseconds: UInt64) -> String {
        let minutes = Int64(milliseconds / 60_000 % 1_440)
        return "\(padded(minutes / 60, 2)):\(padded(minutes % 60, 2))"
    }

    /// `2026-01-31T12:34:56Z`
    static func seconds(_ milliseconds: UInt64) -> String {
        let second = Int64(milliseconds / 1_000 % 60)
        return "\(day(milliseconds))T\(time(milliseconds)):\(padded(second, 2))Z"
    }

    private static func padded(_ value: Int64, _ width: Int) -> String {
        let digits = String(value)
        return String(repeating: "0", count: max(0, width - digits.count)) + digits
    }

    /// Reads `YYYY-MM-DD`, optionally with `Thh:mm[:ss[.fff]]` and `Z` or `±hh:mm`.
    ///
    /// - Units: milliseconds since 1970; `nil` for times before that and anything else.
    static func milliseconds(iso8601 text: String) -> UInt64? {
        var reader = DigitReader(text)
        guard let year = reader.number(4), reader.take("-"), let month = reader.number(2),
            reader.take("-"), let day = reader.number(2), (1...12).contains(month)
        else { return nil }
        let days = days(year: year, month: month, day: day)
        guard date(days: days) == (year, month, day) else { return nil }
        var total = days * Int64(millisecondsPerDay)
        if !reader.isAtEnd {
            guard let clock = clock(&reader) else { return nil }
            total += clock
        }
        return reader.isAtEnd && total >= 0 ? UInt64(total) : nil
    }

    private static func clock(_ reader: inout DigitReader) -> Int64? {
        guard reader.take("T") || reader.take("t") || reader.take(" "),
            let hour = reader.number(2), hour < 24, reader.take(":"),
            let minute = reader.number(2), minute < 60
        else { return nil }
        var total = (hour * 60 + minute) * 60_000
        if reader.take(":") {
            guard let second = reader.number(2), second <= 60 else { return nil }
            total += second * 1_000
            if reader.take(".") {
                guard let fraction = reader.milliseconds() else { return nil }
                total += fraction
            }
        }
        if reader.take("Z") || reader.take("z") { return total }
        let isAhead = reader.take("+")
        guard isAhead || reader.take("-"), let hours = reader.number(2), hours < 24 else {
            return nil
        }
        _ = reader.take(":")
        guard let minutes = reader.number(2), minutes < 60 else { return nil }
        let offset = (hours * 60 + minutes) * 60_000
        return isAhead ? total - offset : total + offset
    }
}

/// Takes fixed numbers of digits from the front of a text.
private struct DigitReader {
    private var rest: Substring.UTF8View

    init(_ text: String) { rest = text[...].utf8 }

    var isAtEnd: Bool { rest.isEmpty }

    mutating func take(_ character: Unicode.Scalar) -> Bool {
        guard rest.first == UInt8(ascii: character) else { return false }
        rest.removeFirst()
        return true
    }

    mutating func number(_ count: Int) -> Int64? {
        guard rest.count >= count else { return nil }
        var value: Int64 = 0
        for byte in rest.prefix(count) {
            guard (48...57).contains(byte) else { return nil }
            value = value * 10 + Int64(byte - 48)
        }
        rest = rest.dropFirst(count)
        return value
    }

    /// The digits after a decimal point, of which three count.
    mutating func milliseconds() -> Int64? {
        let digits = rest.prefix { (48...57).contains($0) }
        guard !digits.isEmpty && digits.count <= 9 else { return nil }
        rest = rest.dropFirst(digits.count)
        let kept = digits.prefix(3).reduce(Int64(0)) { $0 * 10 + Int64($1 - 48) }
        return kept * [100, 10, 1][min(digits.count, 3) - 1]
    }
}
