import PeerNet
import PeerState
import PeerTesting

/// S-212 at its full size: a newcomer and a long history, over a link that is cut again and again.
struct JoinCheck {
    /// What the scenario asks for.
    static let usual: UInt64 = 50_000

    private let seed: UInt64
    private let events: Int

    init(_ events: UInt64, _ seed: Seed) {
        self.events = Int(events)
        self.seed = seed.value
    }

    func run() -> Bool {
        do {
            let room = try JoinedHistory(seed: seed, events: events, newcomers: 1)
            var random = SeededRandom(seed: seed)
            let report = try room.join(1) { life in
                life < 40 ? 5 + Int.random(in: 0..<30, using: &random) : nil
            }
            print(
                "join of \(report.events) events, seed \(Seed(seed)): \(report.lives) cuts,",
                "\(report.arrivals) arrivals, \(report.bytesSent) bytes sent for",
                "\(report.bytesStored) stored, at most \(report.underWay) under way,",
                "\(report.pending) pending")
            var problems = report.problems
            // A range that was under way at a cut may be fetched beside the others.
            if report.underWay > 2 * Limits.creditWindow + Limits.maxFrame {
                problems.append("more was under way than the window allows")
            }
            if report.events < events { problems.append("events are missing") }
            for problem in problems.prefix(20) { print("BROKEN: \(problem)") }
            return problems.isEmpty
        } catch {
            print("BROKEN: \(error)")
            return false
        }
    }
}
