import Foundation
import PeerState
import PeerTesting

/// Compares the product with the oracle on random hostile histories (S-061):
/// `StateCheck [seeds] [first] [--jobs N]`.
///
/// Each history reaches the product in two orders. Any event judged differently, any row or hash
/// that differs is printed with its seed; the exit code is 1 then. As many histories are looked at
/// together as the machine has processors, unless `--jobs` says how many.
@main struct StateCheck {
    /// What some of the seeds gave.
    private struct Tally {
        var histories = 0
        var events = 0
        var failing = 0
        /// Those in which an event of a fork was known from the proof alone.
        var proofs = 0

        mutating func add(_ other: Tally) {
            histories += other.histories
            events += other.events
            failing += other.failing
            proofs += other.proofs
        }
    }

    /// After so many seeds that fail a worker has told enough.
    private static let failingMax = 10

    static func main() async throws {
        var numbers: [UInt64] = []
        var jobs = UInt64(max(1, ProcessInfo.processInfo.activeProcessorCount))
        var arguments = CommandLine.arguments.dropFirst()
        while let argument = arguments.popFirst() {
            if argument == "--jobs" {
                jobs = max(1, arguments.popFirst().flatMap { UInt64($0) } ?? jobs)
            } else if let number = UInt64(argument) {
                numbers.append(number)
            }
        }
        let count = numbers.first ?? 1_000
        let first = numbers.dropFirst().first ?? 1
        let step = jobs
        let tally = try await withThrowingTaskGroup(of: Tally.self) { group in
            for worker in 0..<step {
                group.addTask {
                    try examine(stride(from: first + worker, to: first + count, by: Int(step)))
                }
            }
            var tally = Tally()
            for try await part in group { tally.add(part) }
            return tally
        }
        print(
            "\(tally.histories) histories, \(tally.events) events from seed \(first): "
                + "\(tally.failing) differ, \(tally.proofs) with a fork known from its proof")
        exit(tally.failing == 0 ? 0 : 1)
    }

    private static func examine(_ seeds: StrideTo<UInt64>) throws -> Tally {
        var tally = Tally()
        for seed in seeds {
            let history = try HostileHistories.make(seed: seed, size: 20 + Int(seed * 7 % 61))
            tally.histories += 1
            tally.events += history.envelopes.count
            guard let story = try story(of: history, &tally) else { continue }
            print(story)
            tally.failing += 1
            if tally.failing >= failingMax { break }
        }
        return tally
    }

    /// What is judged differently, and the smallest history that shows it; `nil` when nothing is.
    private static func story(
        of history: HostileHistory, _ tally: inout Tally
    ) throws -> String? {
        let oracle = try OracleState(history.envelopes, server: history.server)
        let comparison = try StateComparison(history, oracle)
        if comparison.hasProof { tally.proofs += 1 }
        let problems = comparison.problems
        guard !problems.isEmpty else { return nil }
        var lines = ["seed \(history.seed):"] + problems.prefix(8).map { "  \($0)" }
        let smaller = try history.shrunk { envelopes in
            let part = HostileHistory(
                seed: history.seed, server: history.server, envelopes: envelopes)
            let oracle = try OracleState(envelopes, server: history.server)
            return try !StateComparison(part, oracle).problems.isEmpty
        }
        let small = try OracleState(smaller.envelopes, server: history.server)
        lines += try StateComparison(smaller, small).problems.map { "  \($0)" }
        lines.append(try HistoryStory.text(smaller.envelopes, small))
        return lines.joined(separator: "\n")
    }
}
