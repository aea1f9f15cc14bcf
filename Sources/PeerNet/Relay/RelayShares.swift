/// How many places of a relay each host has, for the moment in which all of them are taken.
///
/// Identities cost nothing, hosts do: so hosts share the places, and whoever has least is never
/// kept out by somebody who has more.
struct RelayShares {
    /// Places of each host, the first to go first.
    private let places: [String: [UInt64]]

    /// Places by their numbers, of which the lowest is the oldest.
    init(_ taken: [(host: String, number: UInt64)]) {
        self.init(inOrder: taken.sorted { $0.number < $1.number })
    }

    init(inOrder taken: [(host: String, number: UInt64)]) {
        places = Dictionary(grouping: taken, by: \.host).mapValues { $0.map(\.number) }
    }

    /// The place to be given to `host`; `nil` when nobody has so many that it would be fairer.
    func first(beside host: String) -> UInt64? {
        let own = places[host]?.count ?? 0
        let most = places.max { ($0.value.count, $1.key) < ($1.value.count, $0.key) }
        guard let most, most.value.count > own + 1 else { return nil }
        return most.value.first
    }
}
