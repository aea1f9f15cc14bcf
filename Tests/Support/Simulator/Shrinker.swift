/// Makes a failing plan smaller while it still breaks the same invariant.
///
/// - Bound: `runsMax` runs. Source: HOSTILE 1.8: actors first, then pieces of the lists by halves
///   and singly.
package struct Shrinker {
    private static let runsMax = 200

    private let invariant: String
    private var runs = 0
    /// Whether time is left, asked before each run.
    private let hasTime: () -> Bool
    package private(set) var plan: Plan

    package init(_ plan: Plan, breaking invariant: String, hasTime: @escaping () -> Bool) {
        self.plan = plan
        self.invariant = invariant
        self.hasTime = hasTime
    }

    package mutating func shrink() {
        for index in plan.actors.indices.reversed() { dropActor(index) }
        drop(\.faults)
        drop(\.steps)
        drop(\.faults)
    }

    private mutating func fails(_ candidate: Plan) -> Bool {
        guard runs < Self.runsMax, hasTime() else { return false }
        runs += 1
        return SimulationRun(candidate).violations.first?.invariant == invariant
    }

    /// Only the last nodes can go without renumbering the others.
    private mutating func dropActor(_ index: Int) {
        guard index == plan.actors.count - 1 else { return }
        var candidate = plan
        let node = candidate.actors.remove(at: index).node
        candidate.steps.removeAll {
            ($0.kind == .invite || $0.kind == .addPeer) && $0.a == UInt64(node)
        }
        if fails(candidate) { plan = candidate }
    }

    /// Leaves out pieces of one list, ever smaller ones.
    private mutating func drop<Entry>(_ list: WritableKeyPath<Plan, [Entry]>) {
        var size = max(1, plan[keyPath: list].count / 2)
        while true {
            var start = 0
            while start < plan[keyPath: list].count {
                var candidate = plan
                let end = min(candidate[keyPath: list].count, start + size)
                candidate[keyPath: list].removeSubrange(start..<end)
                if fails(candidate) { plan = candidate } else { start = end }
            }
            if size == 1 { return }
            size = max(1, size / 2)
        }
    }
}
