/// Decides which of several removals that void one another stand (PROTOCOL 5.3, resolve).
///
/// A pure function over numbers: `kills[r]` are those whose rests `r` voids. Whatever no undecided
/// removal kills is accepted and its victims dropped; in a cycle the most senior is accepted.
/// - Complexity: O(removals + kills) without cycles.
struct RemovalOrder {
    private let kills: [[Int]]
    private var killers: [[Int]]
    private var isUndecided: [Bool]
    private var accepted: [Int] = []
    private let isSenior: (Int, Int) -> Bool

    /// - Parameter isSenior: a strict total order of the removals, the most senior first.
    static func resolve(kills: [[Int]], isSenior: @escaping (Int, Int) -> Bool) -> [Int] {
        var order = RemovalOrder(kills: kills, isSenior: isSenior)
        order.run()
        return order.accepted.sorted()
    }

    private init(kills: [[Int]], isSenior: @escaping (Int, Int) -> Bool) {
        self.kills = kills
        self.isSenior = isSenior
        killers = [[Int]](repeating: [], count: kills.count)
        isUndecided = [Bool](repeating: true, count: kills.count)
        for (killer, victims) in kills.enumerated() {
            for victim in victims { killers[victim].append(killer) }
        }
    }

    private mutating func run() {
        var threats = killers.map(\.count)
        var free = threats.indices.filter { threats[$0] == 0 }
        var undecided = kills.count
        while undecided > 0 {
            while let next = free.popLast() {
                guard isUndecided[next] else { continue }
                undecided -= accept(next, &threats, &free)
            }
            guard undecided > 0, let senior = mostSenior() else { return }
            for killer in killers[senior] where isUndecided[killer] {
                undecided -= drop(killer, &threats, &free)
            }
            free.append(senior)
        }
    }

    /// - Returns: how many were decided.
    private mutating func accept(_ removal: Int, _ threats: inout [Int], _ free: inout [Int]) -> Int
    {
        isUndecided[removal] = false
        accepted.append(removal)
        var decided = 1
        for victim in kills[removal] where isUndecided[victim] {
            decided += drop(victim, &threats, &free)
        }
        return decided
    }

    private mutating func drop(_ removal: Int, _ threats: inout [Int], _ free: inout [Int]) -> Int {
        isUndecided[removal] = false
        for victim in kills[removal] {
            threats[victim] -= 1
            if threats[victim] == 0 && isUndecided[victim] { free.append(victim) }
        }
        return 1
    }

    /// The most senior of those in cycles that nothing undecided outside kills into.
    private func mostSenior() -> Int? {
        let components = Components(kills: kills, members: isUndecided)
        var isTop = [Bool](repeating: true, count: components.count)
        for killer in kills.indices where isUndecided[killer] {
            for victim in kills[killer] where isUndecided[victim] {
                if components.number[killer] != components.number[victim] {
                    isTop[components.number[victim]] = false
                }
            }
        }
        return kills.indices.filter { isUndecided[$0] && isTop[components.number[$0]] }
            .min(by: isSenior)
    }
}

/// Strongly connected components, by Tarjan's algorithm without recursion.
private struct Components {
    private(set) var number: [Int]
    private(set) var count = 0

    init(kills: [[Int]], members: [Bool]) {
        number = [Int](repeating: -1, count: kills.count)
        var order = [Int](repeating: -1, count: kills.count)
        var low = order
        var stack: [Int] = []
        var isOnStack = [Bool](repeating: false, count: kills.count)
        var next = 0
        for root in kills.indices where members[root] && order[root] < 0 {
            var work: [(node: Int, edge: Int)] = [(root, 0)]
            while let (node, edge) = work.last {
                if edge == 0 {
                    order[node] = next
                    low[node] = next
                    next += 1
                    stack.append(node)
                    isOnStack[node] = true
                }
                if edge < kills[node].count {
                    work[work.count - 1].edge += 1
                    let target = kills[node][edge]
                    guard members[target] else { continue }
                    if order[target] < 0 {
                        work.append((target, 0))
                    } else if isOnStack[target] {
                        low[node] = min(low[node], order[target])
                    }
                    continue
                }
                work.removeLast()
                if let parent = work.last?.node { low[parent] = min(low[parent], low[node]) }
                guard low[node] == order[node] else { continue }
                while let member = stack.popLast() {
                    isOnStack[member] = false
                    number[member] = count
                    if member == node { break }
                }
                count += 1
            }
        }
    }
}
