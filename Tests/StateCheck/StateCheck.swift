import Foundation
import PeerState
import PeerTesting

/// Compares the product with the oracle on random hostile histories: `StateCheck [seeds] [first]`.
///
/// Each history reaches the product in two orders. Any event judged differently, any row or hash
/// that differs is printed with its seed; the exit code is 1 then.
@main struct StateCheck {
    static func main() throws {
        let numbers = CommandLine.arguments.dropFirst().compactMap { UInt64($0) }
        let count = numbers.first ?? 1_000
        let first = numbers.dropFirst().first ?? 1
        var failing = 0
        var events = 0
        for seed in first..<(first + count) {
            let history = try HostileHistories.make(seed: seed, size: 20 + Int(seed * 7 % 61))
            events += history.envelopes.count
            let oracle = try OracleState(history.envelopes, server: history.server)
            let problems = try StateComparison(history, oracle).problems
            guard !problems.isEmpty else { continue }
            failing += 1
            print("seed \(seed):")
            for problem in problems.prefix(8) { print("  \(problem)") }
            let smaller = try history.shrunk { envelopes in
                let part = HostileHistory(
                    seed: seed, server: history.server, envelopes: envelopes)
                let oracle = try OracleState(envelopes, server: history.server)
                return try !StateComparison(part, oracle).problems.isEmpty
            }
            let small = try OracleState(smaller.envelopes, server: history.server)
            let left = try StateComparison(smaller, small).problems
            for problem in left { print("  \(problem)") }
            print(try HistoryStory.text(smaller.envelopes, small))
            if failing >= 20 { break }
        }
        print("\(count) histories, \(events) events from seed \(first): \(failing) differ")
        exit(failing == 0 ? 0 : 1)
    }
}
