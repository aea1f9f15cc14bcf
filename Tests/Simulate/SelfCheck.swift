import Glibc
import PeerNet
import PeerTesting

/// Breaks the simulated world in each known way and expects an invariant to notice.
struct SelfCheck {
    private static let seedsMax: UInt64 = 60

    private let first: Seed

    init(_ first: Seed) {
        self.first = first
    }

    func run() -> Bool {
        var isFine = true
        for sabotage in Sabotage.allCases {
            isFine = run(sabotage) && isFine
            fflush(nil)
        }
        return isFine
    }

    private func run(_ sabotage: Sabotage) -> Bool {
        for number in 0..<Self.seedsMax {
            let seed = Seed(first.value &+ number)
            let run = SimulationRun(PlanMaker.plan(seed), sabotage: sabotage)
            if let found = run.violations.first {
                print("\(sabotage): caught by seed \(seed), \(found)")
                return true
            }
        }
        print("\(sabotage): NOT CAUGHT in \(Self.seedsMax) seeds")
        return false
    }
}
