import Glibc
import PeerNet
import PeerTesting

/// S-220 with many seeds, or with many more members than a test has time for.
struct CrowdCheck {
    private let members: Int
    private let first: Seed
    private let runs: UInt64

    init(_ members: UInt64, _ first: Seed, runs: UInt64) {
        self.members = Int(clamping: members)
        self.first = first
        self.runs = runs
    }

    /// Prints each crowd as it comes.
    ///
    /// - Returns: whether all kept to the bars.
    func report() -> Bool {
        var failed: UInt64 = 0
        for number in 0..<runs {
            let trial = CrowdTrial(Seed(first.value &+ number), members)
            print(trial.isFine ? "held:" : "MISSED THE BAR:", trial)
            fflush(nil)
            failed += trial.isFine ? 0 : 1
        }
        print("\(runs) crowds of \(members): \(failed) missed the bar")
        return failed == 0
    }
}
