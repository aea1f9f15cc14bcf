import PeerNet
import PeerTesting

/// I-20: a member that writes as fast as it may does not slow down what others say to each other.
struct FloodCheck {
    private static let runs: UInt64 = 2
    /// Runs that one check carries out.
    static let simulations = 2 * runs

    private let first: Seed

    init(_ first: Seed) {
        self.first = first
    }

    /// - Returns: what to print of it, and whether it held.
    func run() -> (lines: [String], isFine: Bool) {
        var lines: [String] = []
        var isFine = true
        for number in 0..<Self.runs {
            let seed = Seed(first.value &+ number)
            let plan = PlanMaker.plan(seed)
            let without = SimulationRun(plan.calmed)
            let with = SimulationRun(plan.calmed.joined(by: .flooder))
            let (calm, flooded) = (without.deliveryP99, with.deliveryP99)
            lines.append("seed \(seed): p99 of delivery \(calm) ms, with a flooder \(flooded) ms")
            let isSlow = flooded > 2 * max(1, calm)
            if isSlow { lines.append("VIOLATION I-20: seed \(seed): a flooder slows others down") }
            for run in [without, with] {
                lines += run.violations.map { "VIOLATION \($0), seed \(seed)" }
                isFine = isFine && run.violations.isEmpty
            }
            isFine = isFine && !isSlow
        }
        return (lines, isFine)
    }
}
