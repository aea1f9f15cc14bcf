import Dispatch

/// Stands for the event loop: one thread at a time, which callbacks may be on without a job.
final class LoopExecutor: SerialExecutor {
    private let queue = DispatchQueue(label: "loop")

    func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        queue.async { job.runSynchronously(on: self.asUnownedSerialExecutor()) }
    }

    func checkIsolated() {
        dispatchPrecondition(condition: .onQueue(queue))
    }

    /// Runs something as a callback of the loop would run.
    func callback(_ body: @escaping @Sendable () -> Void) {
        queue.sync(execute: body)
    }
}
