/// How often each fault and each actor took part, and how often both did in one run.
package struct Coverage: Sendable {
    package private(set) var faults: [FaultKind: Int] = [:]
    package private(set) var actors: [ActorKind: Int] = [:]
    package private(set) var pairs: [Pair: Int] = [:]

    package struct Pair: Hashable, Sendable {
        package let fault: FaultKind
        package let actor: ActorKind
    }

    package init() {}

    package mutating func note(_ fault: FaultKind) { faults[fault, default: 0] += 1 }
    package mutating func note(_ actor: ActorKind) { actors[actor, default: 0] += 1 }

    /// Ends the notes of one run: what took part in it did so together.
    package mutating func pairUp() {
        for fault in faults.keys {
            for actor in actors.keys { pairs[Pair(fault: fault, actor: actor), default: 0] += 1 }
        }
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

    /// Runs in which fault (row) and actor (column) both took part.
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
