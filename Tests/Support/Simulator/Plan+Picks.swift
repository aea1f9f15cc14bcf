/// What a shrunk plan kept of the one its seed draws, short enough for a command line.
extension Plan {
    /// The entries of this plan by number: `a6,s0-17,s40,f2` for an actor, steps and a fault.
    package var picks: String {
        let lists = [
            ("a", actors.map(\.node)), ("s", steps.map(\.id)), ("f", faults.map(\.id)),
        ]
        return lists.flatMap { letter, numbers in
            Self.runs(of: numbers.sorted()).map { run in
                letter + "\(run.lowerBound)" + (run.count == 1 ? "" : "-\(run.upperBound)")
            }
        }.joined(separator: ",")
    }

    /// The same seed with these entries alone.
    package func picking(_ picks: String) throws(Unreadable) -> Plan {
        var kept: [Character: [ClosedRange<Int>]] = [:]
        for word in picks.split(separator: ",") {
            let ends = word.dropFirst().split(
                separator: "-", maxSplits: 1, omittingEmptySubsequences: false
            ).map { Int($0) }
            guard let letter = word.first, "asf".contains(letter), let first = ends.first ?? nil,
                let last = ends.last ?? nil, first <= last
            else { throw Unreadable(description: "\(word) is neither a12, s3-7 nor f2") }
            kept[letter, default: []].append(first...last)
        }
        func isKept(_ letter: Character, _ number: Int) -> Bool {
            kept[letter]?.contains { $0.contains(number) } == true
        }
        var plan = self
        plan.actors.removeAll { !isKept("a", $0.node) }
        plan.steps.removeAll { !isKept("s", $0.id) }
        plan.faults.removeAll { !isKept("f", $0.id) }
        return plan
    }

    private static func runs(of numbers: [Int]) -> [ClosedRange<Int>] {
        var runs: [ClosedRange<Int>] = []
        for number in numbers {
            if let last = runs.last, last.upperBound + 1 == number {
                runs[runs.count - 1] = last.lowerBound...number
            } else {
                runs.append(number...number)
            }
        }
        return runs
    }
}
