/// The parts of a `peer://` address, decoded.
struct ResourceURI: Hashable, Sendable {
    /// At least one, none of them empty, `.` or `..`.
    let segments: [String]
    let query: [String: String]

    /// Returns `nil` for another scheme, bad percent-encoding, control characters and repeated
    /// or empty query parameters.
    init?(_ text: String) {
        let scheme = "peer://"
        guard text.hasPrefix(scheme), text.utf8.count <= 4_096, !text.contains("#") else {
            return nil
        }
        let rest = text.dropFirst(scheme.count)
        let halves = rest.split(separator: "?", maxSplits: 1, omittingEmptySubsequences: false)
        var segments: [String] = []
        for part in halves[0].split(separator: "/", omittingEmptySubsequences: false) {
            guard let segment = PercentCoding.decode(part), !segment.isEmpty, segment != ".",
                segment != ".."
            else { return nil }
            segments.append(segment)
        }
        var query: [String: String] = [:]
        if halves.count == 2 {
            for pair in halves[1].split(separator: "&", omittingEmptySubsequences: false) {
                let sides = pair.split(
                    separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
                guard sides.count == 2, let name = PercentCoding.decode(sides[0]),
                    let value = PercentCoding.decode(sides[1]), !value.isEmpty,
                    query.updateValue(value, forKey: name) == nil
                else { return nil }
            }
        }
        self.segments = segments
        self.query = query
    }
}
