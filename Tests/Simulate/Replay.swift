import PeerTesting

/// One plan, shown in full.
struct Replay {
    private let options: SimOptions

    init(_ options: SimOptions) {
        self.options = options
    }

    func run(_ plan: Plan) -> Bool {
        if let file = options.planFile { FileOutput.write(plan.text, to: file) }
        let clock = ContinuousClock()
        let began = clock.now
        let run = SimulationRun(plan, isRecording: true, isLogging: options.isLogging)
        let tally = run.tally
        if options.isTracing || !run.violations.isEmpty {
            for line in run.lines { print("  \(line)") }
        }
        let actors = plan.actors.map { "\($0.node) \($0.kind)" }.joined(separator: ", ")
        let hostile = actors.isEmpty ? "none" : actors
        print(
            """
            seed \(plan.seed): \(plan.honest) honest nodes, hostile: \(hostile)
            \(plan.steps.count) steps, \(plan.faults.count) faults, \(tally.events) events, \
            \(tally.crashes) crashes, \(tally.refused) refused, \(tally.skipped) skipped
            \(tally.virtualMilliseconds / 1_000) s of virtual time in \(clock.now - began)
            trace hash \(String(run.traceHash, radix: 16))
            """)
        for (text, count) in run.refusals.sorted(by: { $0.key < $1.key }) {
            print("refused \(count) × \(text)")
        }
        for violation in run.violations { print("VIOLATION \(violation)") }
        return run.violations.isEmpty
    }
}
