import Glibc
import PeerNet
import PeerTesting

/// Many members who come, go, change keys and restart at once, of whom each must be able to send.
struct ChurnCheck {
    private let seed: UInt64
    private let members: Int

    init(_ members: UInt64, _ seed: Seed) {
        self.members = max(Int(members), 8)
        self.seed = seed.value
    }

    func run() -> Bool {
        print("churn of \(members) members, seed \(Seed(seed))")
        do {
            let late = members / 4
            var churn = try Churn(seed: seed, count: members, atFirst: members - late)
            print("\(members - late) members are in")
            fflush(nil)
            try churn.run(seconds: 100, joins: (late + 9) / 10)
            print(
                "longest without a key: \(churn.longestSeconds) s, \(churn.removed) went,",
                "\(churn.restarts) restarts")
            fflush(nil)
            let problems = try churn.problems()
            for problem in problems { print("BROKEN: \(problem)") }
            return problems.isEmpty
        } catch {
            print("BROKEN: \(error)")
            return false
        }
    }
}
