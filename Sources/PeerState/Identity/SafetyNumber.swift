/// Sixty digits that two peers compare by voice or eye to know that nobody is in between.
///
/// - Shape: twelve groups of five decimal digits, separated by spaces.
/// - Source: PROTOCOL 8.1. It depends on the two identity keys alone.
package enum SafetyNumber {
    package static func text(_ one: Peer.ID, _ other: Peer.ID) -> String {
        let digest = Sodium.hash(
            "peer-agent/safety/1", min(one, other).bytes, max(one, other).bytes)
        var groups: [String] = []
        for start in stride(from: 0, to: 30, by: 5) {
            let number = digest.bytes[start..<start + 5].reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
            let digits = number % 10_000_000_000
            groups.append(group(digits / 100_000))
            groups.append(group(digits % 100_000))
        }
        return groups.joined(separator: " ")
    }

    private static func group(_ value: UInt64) -> String {
        let digits = String(value)
        return String(repeating: "0", count: 5 - digits.count) + digits
    }
}
