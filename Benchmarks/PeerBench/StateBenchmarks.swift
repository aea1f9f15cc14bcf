import Foundation
import PeerNet
import PeerState
import PeerTesting

/// Folding alone: events are decoded, their signatures are nobody's business.
enum StateBenchmarks {
    /// Processor time of folding a history that is made in steps, so that only the fold is timed.
    struct Fold {
        var replica: Replica
        var history: LargeHistory
        var seconds = 0.0
        var count = 0

        init(seed: UInt64, authors: Int) throws {
            history = try LargeHistory(seed: seed, authors: authors)
            replica = Replica(id: history.server)
            for envelope in history.setup {
                let event = try Event(decoding: envelope, for: history.server)
                _ = replica.insert(event, envelope, source: nil, wallMilliseconds: .max)
            }
        }

        /// Folds `count` more events; one in 5,000 makes somebody a member.
        mutating func run(_ count: Int) throws -> Double {
            var spent = 0.0
            var left = count
            while left > 0 {
                let step = min(left, 5_000)
                var events: [(event: Event, envelope: Envelope)] = []
                events.reserveCapacity(step)
                for index in 0..<step {
                    events.append(
                        index == 0 ? try history.grantSomebody() : try history.next())
                }
                let watch = Stopwatch()
                for made in events {
                    let verdict = replica.insert(
                        made.event, made.envelope, source: nil, wallMilliseconds: .max)
                    guard case .stored(let stored) = verdict, stored.first?.void == nil else {
                        throw ChildProcess.Problem("the history is not one: \(verdict)")
                    }
                }
                spent += watch.read().processorSeconds
                // What decoding made is not given back while the fold is timed.
                withExtendedLifetime(events) {}
                _ = replica.takeTouchedMessages()
                left -= step
            }
            seconds += spent
            self.count += count
            return spent
        }
    }

    static func report(count: Int) throws {
        let start = residentMegabytes()
        let first = try early(authors: 1_000, count)
        let little = try early(authors: 100, count)
        var fold = try Fold(seed: 99, authors: 1_000)
        var last = 0.0
        let step = max(count / 10, 1)
        for _ in 0..<10 { last = try fold.run(step) / Double(step) }
        let rate = Double(fold.count) / fold.seconds
        Report.line(["fold, events per second of one core", "", Report.rate(rate), "", ">= 300000"])
        Report.line([
            "cost per event, ns: 10 k, and at \(count / 1_000) k", Report.ratio(first * 1e9),
            Report.ratio(last * 1e9), Report.ratio(last / first), "<= 1.3",
        ])
        Report.line([
            "the same beside 10 k by a tenth of the members", Report.ratio(little * 1e9),
            Report.ratio(last * 1e9), Report.ratio(last / little),
        ])
        let bytes = (residentMegabytes() - start) * 1_048_576 / Double(fold.count)
        Report.line(["resident bytes per event", "", "\(Int(bytes))"])
        try AuthorityBenchmarks.report(removals: count >= 100_000 ? 10_000 : 100)
    }

    /// s an event costs among the first 10,000 of a server with so many members: the median of
    /// several servers.
    private static func early(authors: Int, _ count: Int) throws -> Double {
        var each: [Double] = []
        for seed in 0..<max(4, UInt64(min(20, count / 20_000))) {
            var fold = try Fold(seed: seed, authors: authors)
            each.append(try fold.run(10_000) / 10_000)
        }
        return each.sorted()[each.count / 2]
    }

    /// What this process holds now, by the system's own account.
    static func residentMegabytes(of process: String = "self") -> Double {
        do {
            let status = try String(contentsOfFile: "/proc/\(process)/status", encoding: .utf8)
            let line = status.split(separator: "\n").first { $0.hasPrefix("VmRSS") }
            return (line.flatMap { Double($0.filter(\.isNumber)) } ?? 0) / 1_024
        } catch {
            return 0
        }
    }
}

/// Many removals in one server.
enum AuthorityBenchmarks {
    static func report(removals count: Int) throws {
        // 256 removals per author and 10,000 lamport steps: the work is shared by 49 admins. They
        // go in rounds, as no server has more than 10,000 members.
        var history = try LargeHistory(seed: 5, authors: 60, channels: 1, admins: 50)
        var replica = Replica(id: history.server)
        for envelope in history.setup {
            let event = try Event(decoding: envelope, for: history.server)
            _ = replica.insert(event, envelope, source: nil, wallMilliseconds: .max)
        }
        var one = 0.0
        for _ in 0..<5 {
            let first = history.authorCount
            for _ in 0..<(count / 5) { try insert(try history.addAuthor(), &replica) }
            var events: [(event: Event, envelope: Envelope)] = []
            for number in first..<history.authorCount {
                events.append(try history.remove(number, by: 1 + number % 49))
            }
            let watch = Stopwatch()
            for made in events { try insert(made, &replica) }
            one += watch.read().processorSeconds
        }
        Report.line([
            "\(count) removals, one after another, s", "", Report.ratio(one), "", "< 1",
        ])
        let again = Stopwatch()
        let accepted = replica.state.resolvedAnew
        Report.line([
            "\(accepted) removals resolved at once, s", "",
            Report.ratio(again.read().processorSeconds), "", "< 1",
        ])
        let content = Stopwatch()
        for _ in 0..<1_000 {
            let made = try history.next(by: 1)
            _ = replica.insert(made.event, made.envelope, source: nil, wallMilliseconds: .max)
        }
        Report.line([
            "a message made and folded after them, µs", "",
            Report.ratio(content.read().processorSeconds * 1e3),
        ])
    }

    private static func insert(
        _ made: (event: Event, envelope: Envelope), _ replica: inout Replica
    ) throws {
        let verdict = replica.insert(
            made.event, made.envelope, source: nil, wallMilliseconds: .max)
        guard case .stored(let stored) = verdict, stored.first?.void == nil else {
            throw ChildProcess.Problem("an event of rights has no effect: \(verdict)")
        }
    }
}
