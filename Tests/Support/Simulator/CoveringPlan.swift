import PeerNet

/// Which actors and faults a seed brings together beside what it draws, so that a known number of
/// seeds in a row meets every pair of them (HOSTILE 1.5, 1.6).
///
/// Hostile members are in every second run. Counted off, those runs go through all actors in
/// groups, a round; each round of a cycle has another share of the faults. Groups and shares are
/// shuffled anew each time, so that later cycles bring other company together.
package struct CoveringPlan: Hashable, Sendable {
    /// Hostile members of a run.
    static let together = 3
    /// Rounds that go through all faults.
    private static let shares = 3
    private static let groups = (ActorKind.allCases.count + together - 1) / together
    /// Seeds that meet all pairs when the first of them begins a cycle.
    static let cycle = UInt64(2 * groups * shares)
    /// Seeds in a row, from any, that meet all pairs: a whole cycle is among them.
    package static let seedsForAll = 2 * cycle

    /// Whether hostile members take part in the run of this seed.
    static func isHostile(_ seed: Seed) -> Bool { seed.value % 2 == 1 }

    let actors: [ActorKind]
    let faults: [FaultKind]

    init(_ seed: Seed) {
        guard Self.isHostile(seed) else {
            actors = []
            faults = []
            return
        }
        let number = seed.value / 2
        let round = number / UInt64(Self.groups)
        let kinds = Self.shuffled(ActorKind.allCases, "cover.actors", round)
        let first = Int(number % UInt64(Self.groups)) * Self.together
        actors = (first..<first + Self.together).map { kinds[$0 % kinds.count] }
        let all = Self.shuffled(FaultKind.allCases, "cover.faults", round / UInt64(Self.shares))
        let share = Int(round % UInt64(Self.shares))
        faults = all.enumerated().filter { $0.offset % Self.shares == share }.map(\.element)
    }

    private static func shuffled<Kind>(
        _ kinds: [Kind], _ purpose: String, _ number: UInt64
    ) -> [Kind] {
        var random = Seed(0).stream(purpose, number)
        var rest = kinds
        var result: [Kind] = []
        while !rest.isEmpty {
            result.append(rest.remove(at: Int(random.next() % UInt64(rest.count))))
        }
        return result
    }
}
