import PeerNode
import PeerState
import PeerTesting
import Testing

/// HOSTILE 1.7, I-11, I-23, H-124: of a fixed script of acts every call to the disk fails once, and
/// each act is whole or was refused.
@Suite struct StorageFaultTests {
    private static let refusals: Set<StoreCode> = [
        .cannotOpen, .busy, .diskFull, .ioError, .storeFailed,
    ]

    /// How one failing call went.
    private struct Trial {
        let course: StoreCourse
        let run: StoreRun
        let place: String
        /// What restarts leave of writes that no sync followed.
        var fate = FaultyDisk.Fate.kept
        var done = 0

        init(_ course: StoreCourse, _ script: StoreScript, _ place: String) {
            self.course = course
            run = StoreRun(course, script)
            self.place = "\(course.name), \(place)"
        }

        /// Opens and carries out everything, each act again when it was refused.
        mutating func complete() throws {
            do {
                try carryOut()
                run.crash(.dropped)
                try expect(done...done)
            } catch {
                Issue.record("\(place): after \(done) acts: \(error)")
            }
        }

        private mutating func carryOut() throws {
            try patiently(nil) { run throws(StoreFailure) in try run.open() }
            while done < course.acts.count {
                let act = course.acts[done]
                try patiently(act) { run throws(StoreFailure) in try run.perform(act) }
            }
        }

        private mutating func patiently(
            _ act: StoreAct?, _ body: (StoreRun) throws(StoreFailure) -> Void
        ) throws {
            let before = done
            for _ in 0..<3 where done == before {
                let isUnsafe = run.disk.struckCall == .sync && run.core != nil
                let wasOpen = run.core != nil
                do throws(StoreFailure) {
                    try body(run)
                    done += act == nil ? 0 : 1
                    #expect(
                        !(isUnsafe && wasOpen && act?.isWrite == true),
                        "\(place): acknowledged after a sync error: act \(before)")
                    if act == nil { return }
                } catch {
                    try refused(error, act)
                }
            }
            #expect(done > before || act == nil, "\(place): act \(before) is refused for good")
            done = before + (act == nil ? 0 : 1)
        }

        /// Nothing of a refused act is there; after a sync error it may be, and nothing more is
        /// taken.
        private mutating func refused(_ failure: StoreFailure, _ act: StoreAct?) throws {
            #expect(StorageFaultTests.refusals.contains(failure.code), "\(place): \(failure)")
            guard failure.code == .storeFailed || run.core == nil else {
                try expect(done...done)
                return
            }
            if let core = run.core {
                for act in course.acts[done...] where act.isWrite {
                    #expect(throws: StoreFailure.self, "\(place): after \(failure)") {
                        try act.perform(on: core)
                    }
                }
            }
            // Whoever cannot open it, or may not go on, starts again.
            run.crash(fate, seed: 5)
            try expect(done...min(done + 1, course.acts.count))
            try run.open()
            if act != nil, try isDone() { done += 1 }
        }

        private func isDone() throws -> Bool {
            try run.found().content == course.contents[done + 1]
        }

        /// Looks whether the disk holds what it held after one of these acts.
        func expect(_ acts: ClosedRange<Int>) throws {
            let found = try run.found()
            let isAllowed = course.contents[acts].contains(found.content)
            let held = course.place(of: found.content)
            #expect(isAllowed, "\(place): it holds what \(held) left, not \(acts)")
            #expect(found.findings.isEmpty, "\(place): \(found.findings)")
            #expect(found.isOneState, "\(place): the checkpoint says something else")
        }
    }

    private func failEach(
        _ kinds: FaultyDisk.Calls, _ trouble: FaultyDisk.Trouble, _ fate: FaultyDisk.Fate = .kept
    ) throws {
        let script = try StoreScript()
        var trials = 0
        for course in script.courses {
            let calls = try course.calls(kinds, script)
            #expect(calls > 0)
            for number in 1...max(1, calls) {
                var trial = Trial(course, script, "\(trouble) at call \(number) of \(calls)")
                trial.fate = fate
                trial.run.disk.fail(kinds, at: number, trouble)
                try trial.complete()
                trials += 1
            }
        }
        print("\(trouble): \(trials) calls failed, each once")
    }

    @Test func `every call that fails with an I-O error leaves acts whole or refused`() throws {
        try failEach(.all, .inputOutput)
    }

    @Test func `every call that finds the disk full leaves acts whole or refused`() throws {
        try failEach([.open, .write, .truncate, .delete], .full)
    }

    @Test func `every call that is busy leaves acts whole or refused`() throws {
        try failEach([.open, .lock, .delete], .busy)
    }

    @Test func `every write that ends halfway leaves acts whole or refused`() throws {
        try failEach(.write, .halfway)
    }

    @Test func `H-124 after each sync that fails nothing is acknowledged until a restart`() throws {
        for fate in [FaultyDisk.Fate.kept, .dropped, .mixed] {
            try failEach(.sync, .inputOutput, fate)
        }
    }
}
