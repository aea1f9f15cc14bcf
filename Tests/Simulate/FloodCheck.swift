import Glibc
import PeerNet
import PeerTesting

/// I-20: a member that writes as fast as it may does not slow down what others say to each other.
struct FloodCheck {
    /// Seeds of a campaign's check, two runs each.
    private static let usual: UInt64 = 2
    static let simulations = 2 * usual

    private let first: Seed
    private let runs: UInt64

    init(_ first: Seed, runs: UInt64 = usual) {
        self.first = first
        self.runs = runs
    }

    /// Prints each seed's as it comes.
    ///
    /// - Returns: whether all held.
    func report() -> Bool {
        var isFine = true
        for number in 0..<runs {
            let check = FloodCheck(Seed(first.value &+ number), runs: 1).run()
            for line in check.lines { print(line) }
            fflush(nil)
            isFine = isFine && check.isFine
        }
        return isFine
    }

    /// - Returns: what to print of it, and whether it held.
    func run() -> (lines: [String], isFine: Bool) {
        var lines: [String] = []
        var isFine = true
        for number in 0..<runs {
            let seed = Seed(first.value &+ number)
            let plan = PlanMaker.plan(seed)
            // One more member makes another network of some: so it is there, and silent.
            let without = SimulationRun(plan.calmed.joined(by: .flooder, isIdle: true))
            let with = SimulationRun(plan.calmed.joined(by: .flooder))
            let (calm, flooded) = (without.deliveryP99, with.deliveryP99)
            lines.append("seed \(seed): p99 of delivery \(calm) ms, with a flooder \(flooded) ms")
            let isSlow = flooded > 2 * max(1, calm)
            if isSlow {
                lines.append(
                    "VIOLATION I-20: seed \(seed): a flooder slows others down: \(with.slowest)")
            }
            for run in [without, with] {
                lines += run.violations.map { "VIOLATION \($0), seed \(seed)" }
                isFine = isFine && run.violations.isEmpty
            }
            isFine = isFine && !isSlow
        }
        return (lines, isFine)
    }
}
