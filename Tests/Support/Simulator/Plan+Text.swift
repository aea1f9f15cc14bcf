package import PeerNet

extension Plan {
    /// Why a plan file cannot be used.
    package struct Unreadable: Error, CustomStringConvertible {
        package let description: String
    }

    /// One entry a line, in the order of `init(text:)`.
    package var text: String {
        var lines = ["seed \(seed)", "honest \(honest)", "end \(end)"]
        for actor in actors { lines.append("actor \(actor.node) \(actor.kind.rawValue)") }
        for step in steps {
            lines.append(
                "step \(step.id) \(step.at) \(step.node) \(step.kind.rawValue) \(step.a) \(step.b)")
        }
        for fault in faults {
            lines.append(
                "fault \(fault.id) \(fault.at) \(fault.duration) \(fault.kind.rawValue) "
                    + "\(fault.node) \(fault.a) \(fault.b)")
        }
        return lines.joined(separator: "\n") + "\n"
    }

    /// Reads what `text` wrote; lines that begin with `#` are comments.
    package init(text: String) throws(Unreadable) {
        self.init(seed: Seed(0), honest: 0, actors: [], steps: [], faults: [], end: 0)
        for (index, line) in text.split(separator: "\n").enumerated() {
            let words = line.split(separator: " ").map(String.init)
            guard let first = words.first, !first.hasPrefix("#") else { continue }
            guard read(first, Array(words.dropFirst())) else {
                throw Unreadable(description: "line \(index + 1) does not read: \(line)")
            }
        }
        guard honest > 0 else { throw Unreadable(description: "no line says how many nodes") }
    }

    private mutating func read(_ word: String, _ rest: [String]) -> Bool {
        let numbers = rest.map { UInt64($0) ?? 0 }
        switch (word, rest.count) {
        case ("seed", 1):
            guard let value = Seed(text: rest[0]) else { return false }
            seed = value
        case ("honest", 1): honest = Int(numbers[0])
        case ("end", 1): end = numbers[0]
        case ("actor", 2):
            guard let kind = ActorKind(rawValue: rest[1]) else { return false }
            actors.append(Actor(node: Int(numbers[0]), kind: kind))
        case ("step", 6):
            guard let kind = StepKind(rawValue: rest[3]) else { return false }
            steps.append(
                Step(
                    id: Int(numbers[0]), at: numbers[1], node: Int(numbers[2]), kind: kind,
                    a: numbers[4], b: numbers[5]))
        case ("fault", 7):
            guard let kind = FaultKind(rawValue: rest[3]) else { return false }
            faults.append(
                Fault(
                    id: Int(numbers[0]), at: numbers[1], duration: numbers[2], kind: kind,
                    node: Int(numbers[4]), a: numbers[5], b: numbers[6]))
        default: return false
        }
        return true
    }
}

extension Seed {
    /// A decimal number, or hexadecimal digits after `0x`.
    package init?(text: String) {
        let value =
            text.hasPrefix("0x") ? UInt64(text.dropFirst(2), radix: 16) : UInt64(text)
        guard let value else { return nil }
        self.init(value)
    }
}
