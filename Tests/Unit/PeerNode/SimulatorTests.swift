import PeerNet
import PeerTesting
import Testing

/// The simulator itself: small plans, because these run unoptimised; `just sim` runs whole ones.
@Suite struct SimulatorTests {
    /// The beginning of a drawn plan: everybody joins, some posts, no faults.
    private static func smallPlan(_ seed: UInt64) -> Plan {
        var plan = PlanMaker.plan(Seed(seed))
        plan.actors = []
        plan.faults = []
        plan.honest = 3
        plan.steps = plan.steps.filter { step in
            step.node < 3 && (step.kind != .invite || step.a < 3) && step.at < 30_000
        }
        plan.end = 30_000
        return plan
    }

    @Test func `a plan reads as it was written`() throws {
        for seed in UInt64(1)...20 {
            let plan = PlanMaker.plan(Seed(seed))
            #expect(try Plan(text: plan.text) == plan, "seed \(seed)")
        }
    }

    @Test func `a plan that does not read names its line`() {
        #expect(throws: Plan.Unreadable.self) { try Plan(text: "seed 1\nhonest 3\nstep 1 2\n") }
        #expect(throws: Plan.Unreadable.self) { try Plan(text: "seed 1\n") }
    }

    @Test func `the same plan twice leaves the same trace`() {
        let plan = Self.smallPlan(3)
        let first = SimulationRun(plan)
        #expect(first.violations.isEmpty, "seed 3: \(first.violations)")
        #expect(first.tally.events > 20)
        #expect(first.tally.resumed > 0, "no checkpoint was ever started from")
        #expect(SimulationRun(plan).traceHash == first.traceHash)
    }

    @Test func `a world that acknowledges early is noticed`() {
        let run = SimulationRun(Self.smallPlan(3), sabotage: .acknowledgeEarly)
        #expect(run.violations.first?.invariant == "I-11")
    }

    @Test func `nothing is left out of a plan that does not fail`() {
        var left = 4
        var shrinker = Shrinker(Self.smallPlan(3), breaking: "I-21") {
            left -= 1
            return left > 0
        }
        shrinker.shrink()
        #expect(shrinker.plan == Self.smallPlan(3))
    }
}
