import Glibc
import PeerState

/// Threads for signature checks and the chunks of files: first come, first served, and after
/// whatever else wants a core.
///
/// One pool for the process, a thread for each of its cores; they begin with the first work and
/// wait for more ever after. On Swift's own pool whoever waits for a check would be resumed behind
/// all the checks that wait (docs/decisions/0014).
// SAFETY: `wakeup` is set once and any thread may call its functions; all else is in `state`.
package final class WorkerPool: TaskExecutor, @unchecked Sendable {
    package static let shared = WorkerPool(width: cores)

    private struct State {
        var jobs: [UnownedJob] = []
        /// Jobs before this one were taken.
        var next = 0
        var threads = 0

        mutating func take() -> UnownedJob? {
            guard next < jobs.count else { return nil }
            let job = jobs[next]
            next += 1
            // Half of it was taken: moving the rest costs less than taking them did.
            if next * 2 >= jobs.count {
                jobs.removeFirst(next)
                next = 0
            }
            return job
        }
    }

    /// How many jobs run at once.
    package let width: Int
    private let state = Locked(State())
    private let wakeup: UnsafeMutablePointer<sem_t>

    private init(width: Int) {
        self.width = width
        wakeup = .allocate(capacity: 1)
        check(sem_init(wakeup, 0, 0))
    }

    private static var cores: Int {
        min(max(sysconf(Int32(_SC_NPROCESSORS_ONLN)), 1), Limits.workerThreads)
    }

    package func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        state.withLock { state in
            state.jobs.append(job)
            if state.threads < width {
                state.threads += 1
                startThread()
            }
        }
        check(sem_post(wakeup))
    }

    private func startThread() {
        var thread = pthread_t()
        let result = pthread_create(
            &thread, nil,
            { context in
                guard let context else { return nil }
                Unmanaged<WorkerPool>.fromOpaque(context).takeUnretainedValue().run()
                return nil
            }, Unmanaged.passUnretained(self).toOpaque())
        precondition(result == 0, "a worker's thread could not be made")
        check(pthread_detach(thread))
    }

    private func run() {
        // Of this thread alone, as Linux has it. Where that is refused it works on as an equal.
        _ = setpriority(
            __priority_which_t(PRIO_PROCESS.rawValue), 0, Limits.workerNiceness)
        while true {
            while sem_wait(wakeup) != 0 {}  // Only a signal interrupts it.
            guard let job = state.withLock({ $0.take() }) else { continue }
            job.runSynchronously(on: asUnownedTaskExecutor())
        }
    }
}

extension Limits {
    /// Threads that check signatures, and hash and open chunks of files.
    static let workerThreads = 16
    /// How far they step back behind the loop, the store and other programs.
    static let workerNiceness: Int32 = 5
}
