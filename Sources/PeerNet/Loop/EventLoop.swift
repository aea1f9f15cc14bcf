import CLibuv
import Glibc
package import PeerState
import Synchronization

/// One libuv loop on one thread, which is also where its actors run.
///
/// Such an actor may call libuv directly, and a libuv callback may enter it with
/// `assumeIsolated`. Other threads call a single libuv function: `uv_async_send`.
///
/// - Isolation: `start`, `stop` and `enqueue` from any thread; handles are made, used and closed
///   on the loop's thread only.
package final class EventLoop: SerialExecutor {
    private struct Inbox {
        var jobs: [UnownedJob] = []
        var calls: [@Sendable () -> Void] = []
        var isOpen = true
        var isStopping = false
        var thread: pthread_t?
    }

    // Other threads use one constant of it, `wakeup`, while `inbox` is open and locked.
    // SAFETY: besides that only the loop's thread touches it, after `init`.
    nonisolated(unsafe) let state: LoopState
    private let inbox: Locked<Inbox>
    /// How many threads are about to wake the loop; its handles stay until they have.
    private let wakers = Atomic<Int>(0)
    /// The loop's thread while it runs, else 0; that is how a call knows where it is.
    private let runner = Atomic<UInt>(0)

    package init() {
        Self.ignoreBrokenPipes
        state = LoopState()
        inbox = Locked(Inbox())
        state.open(executor: Unmanaged.passUnretained(self).toOpaque())
    }

    deinit {
        // A started loop is kept by its thread, so this one never ran or has been stopped.
        if inbox.withLock({ $0.isOpen }) { state.close() }
    }

    /// Writing to a closed socket is an error code here, never a signal that ends the process.
    private static let ignoreBrokenPipes: Void = { _ = signal(SIGPIPE, SIG_IGN) }()

    static func at(_ data: UnsafeMutableRawPointer?) -> EventLoop? {
        data.map { Unmanaged<EventLoop>.fromOpaque($0).takeUnretainedValue() }
    }

    /// The machine's monotonic clock.
    package var now: Instant { SystemClock.now() }

    /// How many handles are open. Loop thread only; for tests and health reports.
    package var openHandleCount: Int {
        checkIsolated()
        return state.openHandles
    }

    // Running

    /// Starts the thread. Jobs enqueued before run first.
    package func start() {
        inbox.withLock { inbox in
            precondition(inbox.thread == nil && inbox.isOpen, "loop started twice")
            var thread = pthread_t()
            let result = pthread_create(
                &thread, nil,
                { data in
                    guard let data else { return nil }
                    Unmanaged<EventLoop>.fromOpaque(data).takeRetainedValue().run()
                    return nil
                }, Unmanaged.passRetained(self).toOpaque())
            precondition(result == 0, "no thread for the loop: \(result)")
            inbox.thread = thread
        }
    }

    /// Closes every handle, runs the jobs that are left and joins the thread. Idempotent.
    ///
    /// - Precondition: called from another thread, after the actors of this loop have no work left
    ///   elsewhere: a job enqueued later is refused by a trap.
    package func stop() {
        precondition(!isCurrent, "a loop cannot wait for itself")
        let (thread, isOpen) = inbox.withLock { inbox in
            inbox.isStopping = true
            defer { inbox.thread = nil }
            return (inbox.thread, announceWaking(inbox.isOpen))
        }
        if isOpen { wake() }
        if let thread { PeerState.check(pthread_join(thread, nil)) }
    }

    private func run() {
        runner.store(UInt(pthread_self()), ordering: .relaxed)
        uv_run(state.uv, UV_RUN_DEFAULT)
        shutDown()
        runner.store(0, ordering: .relaxed)
    }

    private func shutDown() {
        state.isStopping = true
        withHandle(state.wakeup) { uv_unref($0) }
        var isOpen = true
        while isOpen {
            turn()
            state.closeHandles()
            uv_run(state.uv, UV_RUN_DEFAULT)
            collect()
            guard state.isIdle else { continue }
            isOpen = inbox.withLock { inbox in
                inbox.isOpen = !(inbox.jobs.isEmpty && inbox.calls.isEmpty)
                return inbox.isOpen
            }
        }
        while wakers.load(ordering: .acquiring) > 0 { sched_yield() }
        state.close()
    }

    // One turn

    /// Takes over what other threads have enqueued.
    func collect() {
        let (jobs, calls, isStopping) = inbox.withLock { inbox in
            let taken = (inbox.jobs, inbox.calls, inbox.isStopping)
            inbox.jobs = []
            inbox.calls = []
            return taken
        }
        state.calls.append(contentsOf: calls)
        state.jobs.append(contentsOf: jobs)
        if isStopping && !state.isStopping { uv_stop(state.uv) }
    }

    /// Runs jobs and flushes streams; a chain of jobs longer than the bound lets sockets go first.
    func turn() {
        let executor = asUnownedSerialExecutor()
        for _ in 0..<Limits.jobRoundsPerTurn {
            if state.isIdle { return }
            state.runJobs(on: executor)
            state.flushStreams()
        }
        if !state.isIdle { uv_async_send(state.wakeup) }
    }

    // SerialExecutor

    package func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        if isCurrent {
            state.jobs.append(job)
            return
        }
        let isFirst = inbox.withLock { inbox in
            precondition(inbox.isOpen, "job enqueued on a stopped loop")
            inbox.jobs.append(job)
            return announceWaking(inbox.jobs.count == 1)
        }
        if isFirst { wake() }
    }

    /// Runs `call` on the loop's thread, in the order of calls; dropped when the loop has stopped.
    package func perform(_ call: @escaping @Sendable () -> Void) {
        let isFirst = inbox.withLock { inbox in
            guard inbox.isOpen else { return false }
            inbox.calls.append(call)
            return announceWaking(inbox.calls.count == 1)
        }
        if isFirst { wake() }
    }

    /// Under the lock: whoever says it will wake the loop does so after it, for the woken thread
    /// often runs at once, on this core, and would wait for the lock.
    private func announceWaking(_ isNeeded: Bool) -> Bool {
        if isNeeded { wakers.add(1, ordering: .relaxed) }
        return isNeeded
    }

    private func wake() {
        uv_async_send(state.wakeup)
        wakers.subtract(1, ordering: .releasing)
    }

    /// Runs `call` at once on the loop's own thread, and in a later turn from any other.
    package func enter(_ call: @escaping @Sendable () -> Void) {
        if isCurrent { call() } else { perform(call) }
    }

    /// Whether the caller runs on the loop's thread.
    package var isCurrent: Bool { runner.load(ordering: .relaxed) == UInt(pthread_self()) }

    package func checkIsolated() {
        precondition(isCurrent, "not on the loop's thread")
    }

    package func isIsolatingCurrentContext() -> Bool? { isCurrent }
}

/// Who waits with this preference is resumed here; else by way of a thread of the pool, even where
/// the wait is an actor's on this loop.
///
/// Only for a wait itself: whatever else a task does under it would run here, too.
extension EventLoop: TaskExecutor {}

/// An actor that lives on an event loop, so that its callbacks enter it without a hop.
package protocol LoopActor: Actor {
    nonisolated var loop: EventLoop { get }
}

extension LoopActor {
    package nonisolated var unownedExecutor: UnownedSerialExecutor {
        loop.asUnownedSerialExecutor()
    }
}
