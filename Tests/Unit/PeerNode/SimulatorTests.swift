import PeerNet
import PeerState
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

    @Test func `a shrunk plan is picked from what its seed draws`() throws {
        for seed in UInt64(1)...20 {
            let whole = PlanMaker.plan(Seed(seed))
            #expect(try whole.picking(whole.picks) == whole, "seed \(seed)")
            var random = SeededRandom(seed: seed)
            var plan = whole
            plan.actors.removeAll { _ in Bool.random(using: &random) }
            plan.steps.removeAll { $0.id != 0 && Int.random(in: 0..<9, using: &random) > 0 }
            plan.faults.removeAll { _ in Bool.random(using: &random) }
            #expect(try whole.picking(plan.picks) == plan, "seed \(seed)")
        }
        let plan = PlanMaker.plan(Seed(1))
        #expect(try plan.picking("s0,s3-5").picks == "s0,s3-5")
        for wrong in ["x3", "s", "s-3", "s5-3", "s1-", "s1-2-3", "a1 s2"] {
            #expect(throws: Plan.Unreadable.self, "\(wrong)") { try plan.picking(wrong) }
        }
    }

    @Test func `so many seeds in a row plan every pair of a fault and an actor`() {
        for first: UInt64 in [1, 2, 0x70, 999, 1 << 40] {
            var missing: Set<String> = []
            for fault in FaultKind.allCases {
                for actor in ActorKind.allCases { missing.insert("\(fault) \(actor)") }
            }
            for number in 0..<CoveringPlan.seedsForAll {
                let plan = PlanMaker.plan(Seed(first + number))
                for fault in plan.faults {
                    for actor in plan.actors { missing.remove("\(fault.kind) \(actor.kind)") }
                }
            }
            #expect(missing.isEmpty, "from \(first): \(missing.sorted().prefix(5))")
        }
    }

    @Test func `an actor meets the faults that struck before it acted`() {
        var coverage = Coverage()
        coverage.note(.liar)
        coverage.note(.crash)
        coverage.note(.fuzzer)
        coverage.note(.fuzzer)
        #expect(
            coverage.pairs.map { "\($0.key.fault) \($0.key.actor) \($0.value)" } == [
                "crash fuzzer 1"
            ])
        var sum = Coverage()
        sum.add(coverage)
        sum.add(coverage)
        #expect(sum.pairs.values.first == 2)
        #expect(sum.missing.count == FaultKind.allCases.count * ActorKind.allCases.count - 1)
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

    /// Shrunk from seed 0x39: a suspension and a leave on two sides of a parted network.
    @Test func `a key in a rotation that gets its effect later opens what is under it`() throws {
        let plan = try Plan(
            text: """
                seed 0x39
                honest 6
                end 44170
                actor 6 replayer
                actor 7 garbage
                actor 8 grinder
                step 0 10 0 found 0 0
                step 2 400 0 invite 1 0
                step 3 700 0 invite 2 0
                step 4 1000 0 invite 3 0
                step 5 1300 0 invite 4 0
                step 6 1600 0 invite 5 0
                step 7 1900 0 invite 6 0
                step 8 2500 0 invite 8 0
                step 408 22837 5 longPost 708860242 361782226
                step 434 15210 4 reply 1897520862 2189686527
                step 456 8000 0 raise 3 1
                step 461 19814 3 suspend 3136346802 680798487
                step 464 14364 1 leave 1428230920 1254471789
                fault 3 12923 18781 partition 0 350282803 3257495259

                """)
        let run = SimulationRun(plan)
        #expect(run.violations.isEmpty, "\(run.violations)")
        #expect(run.tally.events > 20)
    }

    /// Shrunk from seed 0x47: loose events that only some hold moved the fork beyond a pin.
    @Test func `who keeps other loose events than the others has no other state`() throws {
        let plan = try Plan(
            text: """
                seed 0x47
                honest 6
                end 47628
                actor 6 stranger
                actor 7 trespasser
                actor 8 equivocator
                step 0 10 0 found 0 0
                step 1 20 1 found 0 0
                step 3 700 0 invite 2 0
                step 5 1300 0 invite 4 0
                step 7 2200 0 invite 7 0
                step 8 2500 0 invite 8 0
                step 25 12357 0 post 1041429956 1762112219
                step 505 8000 0 raise 3 1
                step 506 45671 0 confirm 0 3451894898
                step 507 31767 1 confirm 0 2621432425

                """)
        let run = SimulationRun(plan)
        #expect(run.violations.isEmpty, "\(run.violations)")
        #expect(run.reached[.branchConfirmed] == 1)
    }

    /// After seed 0x6: only whoever let it in tells it so, and leaves before it restarts.
    @Test func `a newcomer too many knows so after a restart`() throws {
        let plan = try Plan(
            text: """
                seed 0x6
                honest 8
                end 51149
                step 0 10 0 found 0 0
                step 2 700 0 invite 2 0
                step 479 8000 0 raise 2 2
                step 492 44000 2 leave 0 0
                step 497 22320 0 narrowLink 7 6
                fault 0 24320 8000 partition 0 129 0
                fault 20 52000 1000 crash 6 0 0

                """)
        let run = SimulationRun(plan)
        #expect(run.violations.isEmpty, "\(run.violations)")
        #expect(run.reached[.linkOverclaimed] == 1)
        #expect(run.tally.crashes == 1)
    }

    /// Shrunk from seed 0x25: the copy is of a moment before the leave.
    @Test func `who left and gets an older copy of its data back learns that it left`() throws {
        let plan = try Plan(text: Self.leaving)
        let run = SimulationRun(plan)
        #expect(run.violations.isEmpty, "\(run.violations)")
        #expect(run.coverage.faults[.restore] == 1)
    }

    @Test func `who comes back after that forks nothing`() throws {
        var plan = try Plan(text: Self.leaving)
        let later = """
            step 500 66000 0 readmit 0 0
            step 501 69000 2 post 0 0
            step 502 70000 2 post 0 0
            step 503 71000 4 post 0 0

            """
        plan.steps += try Plan(text: "honest 6\n" + later).steps
        let run = SimulationRun(plan)
        #expect(run.violations.isEmpty, "\(run.violations)")
        #expect(run.tally.restoredForks == 0)
        #expect(run.coverage.faults[.restore] == 1)
    }

    private static let leaving = """
        seed 0x25
        honest 6
        end 71429
        step 0 10 0 found 0 0
        step 3 700 0 invite 2 0
        step 5 1300 0 invite 4 0
        step 14 51000 2 post 7 9
        step 15 52000 2 post 7 9
        step 462 52798 2 leave 1837821488 2108143588
        fault 20 59167 1527 restore 2 3325963414 777202549

        """
}
