import PeerNet

/// The result of one seed.
package struct SimulationRun: Sendable {
    package let plan: Plan
    package let traceHash: UInt64
    package let violations: [Simulator.Violation]
    package let lines: [String]
    package let coverage: Coverage
    package let tally: Simulator.Tally
    /// How long 99 in 100 deliveries took at most; ms of virtual time.
    package let deliveryP99: UInt64
    /// Which took longest, where and how long; empty without any.
    package let slowest: String
    package let refusals: [String: Int]
    package let reached: [Sometimes: Int]

    /// Carries out a plan from beginning to end.
    package init(
        _ plan: Plan, isRecording: Bool = false, isLogging: Bool = false, sabotage: Sabotage? = nil
    ) {
        self.plan = plan
        do {
            let simulator = try Simulator(
                plan, isRecording: isRecording, isLogging: isLogging, sabotage: sabotage)
            simulator.run()
            traceHash = simulator.trace.hash
            violations = simulator.violations
            lines = simulator.trace.lines
            coverage = simulator.coverage
            tally = simulator.tally
            deliveryP99 = simulator.deliveries.p99
            slowest = simulator.deliveries.slowest
            refusals = simulator.refusals
            reached = simulator.reached
        } catch {
            traceHash = 0
            violations = [
                Simulator.Violation(
                    invariant: "start", text: "\(error)", atMilliseconds: 0)
            ]
            lines = []
            coverage = Coverage()
            tally = Simulator.Tally()
            deliveryP99 = 0
            slowest = ""
            refusals = [:]
            reached = [:]
        }
    }
}
