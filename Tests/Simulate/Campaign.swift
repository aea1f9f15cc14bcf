import Glibc
import PeerNet
import PeerState
import PeerTesting

/// Many seeds on all cores: totals, the coverage table, and each failure shrunk.
struct Campaign {
    private let options: SimOptions

    init(_ options: SimOptions) {
        self.options = options
    }

    /// What the workers add up.
    fileprivate struct Sum: Sendable {
        var next: UInt64 = 0
        var runs: UInt64 = 0
        var eventsMin = UInt64.max
        var tally = Simulator.Tally()
        var coverage = Coverage()
        var reached: [Sometimes: Int] = [:]
        var failed: [SimulationRun] = []
        var twice: UInt64 = 0
        var different: [Seed] = []
    }

    private final class Shared: Sendable {
        let sum = Locked(Sum())
        let options: SimOptions
        let deadline: ContinuousClock.Instant

        init(_ options: SimOptions) {
            self.options = options
            deadline = ContinuousClock().now + .seconds(Int64(options.seconds))
        }
    }

    func run() -> Bool {
        let clock = ContinuousClock()
        let began = clock.now
        let shared = Shared(options)
        var threads: [pthread_t] = []
        for _ in 0..<options.jobs { threads.append(Self.spawn(shared)) }
        // Beside the others, so that no core waits for the last runs.
        let flood = FloodCheck(options.first).run()
        for thread in threads { pthread_join(thread, nil) }
        let sum = shared.sum.withLock { $0 }
        report(sum, clock.now - began)
        for run in sum.failed {
            print("seed \(run.plan.seed) fails: \(run.violations[0])")
        }
        if !options.isBrief { for run in sum.failed.prefix(2) { show(run) } }
        for line in flood.lines { print(line) }
        return judge(sum) && flood.isFine
    }

    private static func spawn(_ shared: Shared) -> pthread_t {
        var thread = pthread_t()
        var attributes = pthread_attr_t()
        pthread_attr_init(&attributes)
        pthread_attr_setstacksize(&attributes, 16 << 20)
        let box = Unmanaged.passRetained(shared).toOpaque()
        let result = pthread_create(
            &thread, &attributes,
            { pointer in
                guard let pointer else { return nil }
                Campaign.work(Unmanaged<Shared>.fromOpaque(pointer).takeRetainedValue())
                return nil
            }, box)
        precondition(result == 0, "no thread can be started")
        return thread
    }

    private static func work(_ shared: Shared) {
        while ContinuousClock().now < shared.deadline {
            let number: UInt64? = shared.sum.withLock { sum in
                guard sum.next < shared.options.seeds, sum.failed.count < 20 else { return nil }
                sum.next += 1
                return sum.next - 1
            }
            guard let number else { return }
            let seed = Seed(shared.options.first.value &+ number)
            let run = SimulationRun(PlanMaker.plan(seed))
            let isTwice = number < shared.options.twice
            let again = isTwice ? SimulationRun(PlanMaker.plan(seed)).traceHash : run.traceHash
            shared.sum.withLock { sum in
                sum.add(run)
                sum.twice += isTwice ? 1 : 0
                if again != run.traceHash { sum.different.append(seed) }
            }
        }
    }

    private func report(_ sum: Sum, _ time: Duration) {
        let seconds =
            Double(time.components.seconds) + Double(time.components.attoseconds) / 1e18
        let hours = Double(sum.tally.virtualMilliseconds) / 3_600_000
        let runs = max(1, sum.runs)
        let carriedOut = Double(runs + sum.twice + FloodCheck.simulations)
        print(sum.coverage.table)
        print(
            """

            \(sum.runs) seeds from \(options.first) in \(Self.round(seconds)) s: \
            \(Self.round(Double(sum.runs) / seconds)) seeds/s on \(options.jobs) threads, \
            \(Self.round(Self.processorSeconds() * 1_000 / carriedOut)) ms of processor a run
            \(Self.round(hours)) simulated hours, \(Self.round(hours * 3_600 / seconds)) × real time
            \(sum.tally.events) events (\(sum.tally.events / runs) a seed, at least \
            \(sum.eventsMin)), \(sum.tally.hostileEvents) stored of hostile authors
            \(sum.tally.stores) commits, \(sum.tally.records) records, \(sum.tally.inputs) inputs, \
            \(sum.tally.crashes) crashes, \(sum.tally.refused) acts refused
            \(sum.tally.oracles) states as the oracle has them; \(sum.tally.voided) void events \
            left out without effect, \(sum.tally.marks) stable ones kept
            \(sum.tally.restoredForks) forks of honest authors after a restored copy; \
            \(sum.tally.forkTrials) forks shown to all in settled networks
            calm runs: \(Self.payloads(sum.tally)) payloads an event and node
            \(sum.twice) seeds twice: \(sum.different.count) different traces
            """)
        let points = Sometimes.allCases.map { "\($0.rawValue) \(sum.reached[$0] ?? 0)" }
        print("rare states and the seeds that came to them: \(points.joined(separator: ", "))")
        for text in Sometimes.notBuilt { print("NOT BUILT: point: \(text)") }
        for text in FaultKind.notBuilt { print("NOT BUILT: fault: \(text)") }
    }

    /// What this process has used, so that a busy machine does not hide the cost.
    private static func processorSeconds() -> Double {
        var time = timespec()
        clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time)
        return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
    }

    private static func payloads(_ tally: Simulator.Tally) -> String {
        let hundredths = 100 + tally.calmRepeats * 100 / max(1, tally.calmEvents)
        return "\(Double(hundredths) / 100)"
    }

    private static func round(_ value: Double) -> String {
        "\((value * 10).rounded() / 10)"
    }

    private func judge(_ sum: Sum) -> Bool {
        var isFine = sum.failed.isEmpty && sum.different.isEmpty
        for seed in sum.different { print("VIOLATION I-17: seed \(seed) ran differently") }
        let missing = sum.coverage.missing
        if !missing.isEmpty {
            let names = missing.prefix(12).map { "\($0.fault)×\($0.actor)" }
            print(
                "\(missing.count) pairs never reached, which \(CoveringPlan.seedsForAll) seeds in "
                    + "a row have to: \(names.joined(separator: " "))")
            if sum.runs >= CoveringPlan.seedsForAll { isFine = false }
        }
        let unreached = Sometimes.allCases.filter { sum.reached[$0] == nil }
        if !unreached.isEmpty {
            print("rare states never come to: \(unreached.map(\.rawValue))")
            let isMissed = !unreached.allSatisfy(Sometimes.seldom.contains)
            if isMissed && sum.runs >= CoveringPlan.seedsForAll { isFine = false }
        }
        if sum.runs < options.seeds && sum.failed.isEmpty {
            print("the time ended after \(sum.runs) of \(options.seeds) seeds")
        }
        print(isFine ? "0 violations" : "\(sum.failed.count) seeds failed")
        return isFine
    }

    /// Shrinks a failure and prints what replays it.
    private func show(_ run: SimulationRun) {
        guard let first = run.violations.first else { return }
        print("\nseed \(run.plan.seed) fails: \(first)")
        let deadline = ContinuousClock().now + .seconds(options.isLong ? 60 : 20)
        var shrinker = Shrinker(run.plan, breaking: first.invariant) {
            ContinuousClock().now < deadline
        }
        shrinker.shrink()
        let small = SimulationRun(shrinker.plan, isRecording: true)
        for line in small.lines { print("  \(line)") }
        for violation in small.violations { print("VIOLATION \(violation)") }
        let file = ".build/sim-\(run.plan.seed).plan"
        FileOutput.write("# \(first)\n" + shrinker.plan.text, to: file)
        print(
            """
            shrunk to \(shrinker.plan.actors.count) actors, \(shrinker.plan.steps.count) steps, \
            \(shrinker.plan.faults.count) faults (\(file)); replay it with
              ./dev sim --seed \(run.plan.seed) --pick \(shrinker.plan.picks)
            """)
    }
}

extension Campaign.Sum {
    fileprivate mutating func add(_ run: SimulationRun) {
        runs += 1
        coverage.add(run.coverage)
        reached.merge(run.reached.mapValues { _ in 1 }, uniquingKeysWith: +)
        eventsMin = min(eventsMin, run.tally.events)
        tally.add(run.tally)
        if !run.violations.isEmpty { failed.append(run) }
    }
}
