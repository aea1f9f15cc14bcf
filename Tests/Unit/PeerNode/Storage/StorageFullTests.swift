import PeerNode
import PeerState
import PeerTesting
import Testing

/// HOSTILE 1.7, decision 0005: a disk that is full refuses acts, is still read, and goes on once
/// there is room.
@Suite struct StorageFullTests {
    private let script: StoreScript

    init() throws { script = try StoreScript() }

    /// Carries out a course; whenever an act is refused, looks at what can be read and makes room.
    ///
    /// - Returns: how many acts were refused.
    private func carryOut(
        _ course: StoreCourse, _ run: StoreRun, _ place: String, makeRoom: () -> Void
    ) throws -> Int {
        var refused = 0
        var done = 0
        while done < course.acts.count {
            do throws(StoreFailure) {
                try run.perform(course.acts[done])
                done += 1
            } catch {
                refused += 1
                #expect(error.code == .diskFull, "\(place): act \(done): \(error)")
                if run.core != nil {
                    #expect(try script.texts(run) == course.texts[done], "\(place): act \(done)")
                }
                makeRoom()
                #expect(refused < 3, "\(place): refused although there is room")
                if refused == 3 { return refused }
            }
        }
        makeRoom()
        run.crash(.dropped)
        let found = try run.found()
        #expect(found.content == course.contents[done], "\(place)")
        #expect(found.findings.isEmpty, "\(place): \(found.findings)")
        return refused
    }

    @Test func `from each write on the disk is full, and freed later`() throws {
        var refused = 0
        for course in script.courses {
            let calls = try course.calls(.write, script)
            for number in 1...max(1, calls) {
                let run = StoreRun(course, script)
                run.disk.fail(.write, at: number, .full, lasting: true)
                refused += try carryOut(course, run, "\(course.name), write \(number)") {
                    run.disk.failNothing()
                }
            }
        }
        #expect(refused > 0)
    }

    @Test func `after each number of bytes the disk is full, and freed later`() throws {
        var refused = 0
        for course in script.courses {
            for sectors in 0..<40 {
                let run = StoreRun(course, script)
                run.disk.limit(toBytes: max(1, course.start.byteCount) + Int64(sectors) * 1_500)
                refused += try carryOut(course, run, "\(course.name), \(sectors) × 1500 bytes") {
                    run.disk.limit(toBytes: nil)
                }
            }
        }
        #expect(refused > 0)
    }
}
