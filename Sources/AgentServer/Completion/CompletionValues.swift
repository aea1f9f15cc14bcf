import PeerState

/// Completed values, cut to what one answer may hold.
struct CompletionValues {
    private let all: [String]

    init(_ all: [String]) {
        self.all = all
    }

    var json: JSON {
        [
            "values": JSON(Array(all.prefix(Limits.completionValues))), "total": JSON(all.count),
            "hasMore": .bool(all.count > Limits.completionValues),
        ]
    }

    /// Candidates that begin with what was typed, then those that hold it elsewhere; the order
    /// among each stays.
    ///
    /// - Parameter words: what a candidate is found by.
    static func matching<Candidate>(
        _ typed: String, _ candidates: [Candidate], words: (Candidate) -> [String]
    ) -> [Candidate] {
        let typed = typed.lowercased()
        guard !typed.isEmpty else { return candidates }
        var first: [Candidate] = []
        var second: [Candidate] = []
        for candidate in candidates {
            let found = words(candidate).map { $0.lowercased() }
            if found.contains(where: { $0.hasPrefix(typed) }) {
                first.append(candidate)
            } else if found.contains(where: { $0.holds(typed) }) {
                second.append(candidate)
            }
        }
        return first + second
    }
}
