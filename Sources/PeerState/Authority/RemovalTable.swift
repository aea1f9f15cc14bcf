/// The removals that stand, by whom they remove; one more costs little, however many there are.
///
/// - Shape: a large table that many values share, and the few entries added since.
struct RemovalTable: Sendable {
    private static let addedMax = 64

    private var base: [Peer.ID: [Resolution.Accepted]] = [:]
    private var added: [(target: Peer.ID, removal: Resolution.Accepted)] = []

    var isEmpty: Bool { base.isEmpty && added.isEmpty }
    var count: Int { base.values.reduce(added.count) { $0 + $1.count } }
    var targets: Set<Peer.ID> { Set(base.keys).union(added.map(\.target)) }
    var all: [Resolution.Accepted] { base.values.joined() + added.map(\.removal) }

    /// In the order in which they were added; `nil` without any.
    subscript(target: Peer.ID) -> [Resolution.Accepted]? {
        guard !added.isEmpty else { return base[target] }
        let more = added.filter { $0.target == target }.map(\.removal)
        if more.isEmpty { return base[target] }
        return (base[target] ?? []) + more
    }

    mutating func append(_ removal: Resolution.Accepted, of target: Peer.ID) {
        added.append((target, removal))
        guard added.count >= Self.addedMax else { return }
        settle()
    }

    /// Makes one table of it; for a value that many will ask.
    mutating func settle() {
        for entry in added { base[entry.target, default: []].append(entry.removal) }
        added = []
    }
}
