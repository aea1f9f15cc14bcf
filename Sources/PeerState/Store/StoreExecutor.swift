import Glibc

/// One thread on which the store's actor runs, so that nothing else ever waits for a disk.
///
/// The thread starts with the first work and ends with `stop`. Work that comes later still runs, in
/// order, on a thread made for it: an actor that was closed can answer so.
// SAFETY: `wakeup` is set once and any thread may call its functions; all else is in `state`.
package final class StoreExecutor: SerialExecutor, @unchecked Sendable {
    private enum Work {
        case job(UnownedJob)
        case call(@Sendable () -> Void)
    }

    private struct State {
        var work: [Work] = []
        var isOpen = true
        var isThreadAlive = false
        /// The thread sleeps, or is about to, and must be woken.
        var isWaiting = false
        /// To be joined; threads made after `stop` are not.
        var thread: pthread_t?
        /// What to do when nothing came for a while; once each time.
        var whenIdle: (@Sendable () -> Void)?
        /// The thread that runs work now.
        var runner: pthread_t?

        /// - Returns: whether the thread was waiting; whoever is told so wakes it, once.
        mutating func stopWaiting() -> Bool {
            defer { isWaiting = false }
            return isWaiting
        }
    }

    private let state = Locked(State())
    private let wakeup: UnsafeMutablePointer<sem_t>

    package init() {
        wakeup = .allocate(capacity: 1)
        check(sem_init(wakeup, 0, 0))
    }

    deinit {
        sem_destroy(wakeup)
        wakeup.deallocate()
    }

    package func enqueue(_ job: consuming ExecutorJob) {
        add(.job(UnownedJob(job)))
    }

    /// Runs a closure on the thread, in turn with the actor's jobs.
    package func enqueue(_ call: @escaping @Sendable () -> Void) {
        add(.call(call))
    }

    /// Says what to do, on the thread, after `Limits.storeIdleNanoseconds` without work.
    package func whenIdle(_ call: @escaping @Sendable () -> Void) {
        state.withLock { $0.whenIdle = call }
    }

    private func add(_ work: Work) {
        let mustWake = state.withLock { state in
            state.work.append(work)
            if !state.isThreadAlive {
                state.isThreadAlive = true
                startThread(&state)
            }
            return state.stopWaiting()
        }
        // Not under the lock: the thread often runs at once, and on this core.
        if mustWake { check(sem_post(wakeup)) }
    }

    private func startThread(_ state: inout State) {
        var thread = pthread_t()
        let context = Unmanaged.passRetained(self).toOpaque()
        let result = pthread_create(
            &thread, nil,
            { context in
                guard let context else { return nil }
                Unmanaged<StoreExecutor>.fromOpaque(context).takeRetainedValue().runThread()
                return nil
            }, context)
        precondition(result == 0, "the store's thread could not be made")
        if state.isOpen {
            state.thread = thread
        } else {
            check(pthread_detach(thread))
        }
    }

    private func runThread() {
        var hasRested = true
        while let work = next(hasRested: hasRested) {
            if work.isEmpty { state.withLock { $0.whenIdle }?() }
            hasRested = work.isEmpty
            for item in work {
                switch item {
                case .job(let job): job.runSynchronously(on: asUnownedSerialExecutor())
                case .call(let call): call()
                }
            }
        }
    }

    /// Everything that came since; nothing when that took long (once, unless it `hasRested`); `nil`
    /// when the thread is to end.
    private func next(hasRested: Bool) -> [Work]? {
        while true {
            let step: (work: [Work], isOver: Bool) = state.withLock { state in
                state.runner = pthread_self()
                let work = state.work
                state.work = []
                guard work.isEmpty else { return (work, false) }
                guard state.isOpen else {
                    state.isThreadAlive = false
                    state.runner = nil
                    return ([], true)
                }
                state.isWaiting = true
                return ([], false)
            }
            if step.isOver { return nil }
            if !step.work.isEmpty { return step.work }
            if hasRested { sleep() } else if !sleepBriefly() { return [] }
        }
    }

    private func sleep() {
        while sem_wait(wakeup) != 0 {}  // Only a signal interrupts it.
    }

    /// - Returns: whether it was woken.
    private func sleepBriefly() -> Bool {
        var end = timespec()
        clock_gettime(CLOCK_REALTIME, &end)
        end.tv_nsec += Limits.storeIdleNanoseconds
        if end.tv_nsec >= 1_000_000_000 {
            end.tv_sec += 1
            end.tv_nsec -= 1_000_000_000
        }
        while sem_timedwait(wakeup, &end) != 0 {
            guard errno == EINTR else {
                let isIdle = state.withLock { state in
                    defer { state.isWaiting = false }
                    return state.isWaiting
                }
                // Whoever no longer saw it waiting has woken it in this moment.
                if !isIdle { sleep() }
                return !isIdle
            }
        }
        return true
    }

    /// Finishes what is queued, ends the thread and waits for it. Not to be called on the thread.
    package func stop() {
        let (thread, mustWake): (pthread_t?, Bool) = state.withLock { state in
            state.isOpen = false
            defer { state.thread = nil }
            return (state.thread, state.stopWaiting())
        }
        if mustWake { check(sem_post(wakeup)) }
        guard let thread else { return }
        precondition(pthread_equal(thread, pthread_self()) == 0, "the thread cannot join itself")
        check(pthread_join(thread, nil))
    }

    package func checkIsolated() {
        let runner = state.withLock { $0.runner }
        precondition(runner == pthread_self(), "not on the store's thread")
    }
}
