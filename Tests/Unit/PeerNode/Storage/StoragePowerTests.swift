import PeerNode
import PeerState
import PeerTesting
import Testing

/// HOSTILE 1.7, I-11: the power goes after every call to the disk, and all acknowledged is there.
@Suite struct StoragePowerTests {
    private let script: StoreScript

    init() throws { script = try StoreScript() }

    /// Carries out a course until the power goes.
    ///
    /// - Returns: how many acts were acknowledged, and the run; `nil` when it did not go.
    private func cut(
        _ course: StoreCourse, after calls: UInt64
    ) throws -> (acknowledged: Int, run: StoreRun)? {
        let run = StoreRun(course, script)
        run.disk.cutPower(after: calls)
        var acknowledged = 0
        do throws(StoreFailure) {
            try run.open()
            for act in course.acts {
                try run.perform(act)
                acknowledged += 1
            }
        } catch {
            #expect(error.code != .corrupt, "\(course.name), power cut after \(calls): \(error)")
        }
        return run.disk.isUp ? nil : (acknowledged, run)
    }

    /// Looks whether a disk holds what it held after one of these acts, and takes what is next.
    private func expect(
        _ course: StoreCourse, _ acts: ClosedRange<Int>, _ run: StoreRun, _ place: String
    ) throws {
        let found = try run.found()
        guard let done = acts.first(where: { course.contents[$0] == found.content }) else {
            let held = course.place(of: found.content)
            Issue.record("\(place): it holds what \(held) left, not \(acts)")
            return
        }
        #expect(found.findings.isEmpty, "\(place): \(found.findings)")
        #expect(found.isOneState, "\(place): the checkpoint says something else")
        guard done < course.acts.count else { return }
        try run.perform(course.acts[done])
        run.crash(.dropped)
        let next = try run.found().content
        #expect(next == course.contents[done + 1], "\(place): it does not go on")
    }

    private func cutEverywhere(_ fate: FaultyDisk.Fate, seed: UInt64) throws {
        var cuts = 0
        for course in script.courses {
            var calls: UInt64 = 0
            while let (acknowledged, run) = try cut(course, after: calls) {
                run.crash(fate, seed: seed &+ calls)
                let last = min(acknowledged + 1, course.acts.count)
                let place = "\(course.name), power cut after \(calls), seed \(seed &+ calls)"
                do {
                    try expect(course, acknowledged...last, run, place)
                } catch {
                    Issue.record("\(place): \(error)")
                }
                calls += 1
            }
            cuts += Int(calls)
        }
        print("the power went \(cuts) times, unsynced writes \(fate)")
    }

    @Test func `the process ends after every call`() throws {
        try cutEverywhere(.kept, seed: 0)
    }

    @Test func `the power goes after every call, and unsynced writes with it`() throws {
        try cutEverywhere(.dropped, seed: 0)
    }

    @Test func `the power goes after every call, and takes any sectors of unsynced writes`()
        throws
    {
        try cutEverywhere(.mixed, seed: 1)
    }
}
