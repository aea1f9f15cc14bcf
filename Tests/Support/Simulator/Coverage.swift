/// How often each fault and each actor took part, and in how many runs an actor did something after
/// a fault had struck.
package struct Coverage: Sendable {
    package private(set) var faults: [FaultKind: Int] = [:]
    package private(set) var actors: [ActorKind: Int] = [:]
    package private(set) var pairs: [Pair: Int] = [:]
    /// How many faults had struck when an actor was noted last.
    private var met: [ActorKind: Int] = [:]

    package struct Pair: Hashable, Sendable {
        package let fault: FaultKind
        package let actor: ActorKind
    }

    package init() {}

    package mutating func note(_ fault: FaultKind) { faults[fault, default: 0] += 1 }

    /// An actor did something: it meets every fault that struck before.
    package mutating func note(_ actor: ActorKind) {
        actors[actor, default: 0] += 1
        guard met[actor] != faults.count else { return }
        met[actor] = faults.count
        for fault in faults.keys { pairs[Pair(fault: fault, actor: actor)] = 1 }
    }

    package mutating func add(_ other: Coverage) {
        faults.merge(other.faults, uniquingKeysWith: +)
        actors.merge(other.actors, uniquingKeysWith: +)
        pairs.merge(other.pairs, uniquingKeysWith: +)
    }

    package var missing: [Pair] {
        FaultKind.allCases.flatMap { fault in
            ActorKind.allCases.map { Pair(fault: fault, actor: $0) }
        }.filter { pairs[$0] == nil }
    }

    /// Runs in which an actor (column) did something after a fault (row) had struck.
    package var table: String {
        let width = 16
        func cell(_ text: String) -> String {
            String(repeating: " ", count: max(1, 6 - text.count)) + text
        }
        func head(_ text: String) -> String {
            text + String(repeating: " ", count: max(1, width - text.count))
        }
        let names = ActorKind.allCases.map { cell(String($0.rawValue.prefix(5))) }
        var lines = [head("fault × actor") + names.joined() + cell("times")]
        for fault in FaultKind.allCases {
            let cells = ActorKind.allCases.map { actor in
                cell(pairs[Pair(fault: fault, actor: actor)].map { "\($0)" } ?? "–")
            }
            lines.append(head(fault.rawValue) + cells.joined() + cell("\(faults[fault] ?? 0)"))
        }
        return lines.joined(separator: "\n")
    }
}
