import CLibuv
import PeerState

/// What only the loop's thread touches: libuv's loop, the jobs of this turn, streams to flush.
///
/// A turn is: timers and callbacks run, then jobs, then every stream that was written to is
/// flushed once. libuv's prepare and check phases enclose the poll, so nothing enqueued on the
/// loop's own thread ever needs a wake-up call.
final class LoopState {
    let uv: UnsafeMutablePointer<uv_loop_t>
    let wakeup: UnsafeMutablePointer<uv_async_t>
    private let prepare: UnsafeMutablePointer<uv_prepare_t>
    private let check: UnsafeMutablePointer<uv_check_t>
    /// Every stream reads into this: libuv hands it back before it asks for it again.
    let slab: UnsafeMutableBufferPointer<CChar>

    var jobs: [UnownedJob] = []
    /// Calls from other threads, run before the jobs.
    var calls: [@Sendable () -> Void] = []
    private var spare: [UnownedJob] = []
    private var unflushed: [ByteStream] = []
    var isStopping = false
    /// Open libuv handles with an owner; a test of leaks reads it.
    var openHandles = 0

    init() {
        uv = .allocate(capacity: 1)
        wakeup = .allocate(capacity: 1)
        prepare = .allocate(capacity: 1)
        check = .allocate(capacity: 1)
        slab = .allocate(capacity: Limits.readChunk)
    }

    deinit {
        uv.deallocate()
        wakeup.deallocate()
        prepare.deallocate()
        check.deallocate()
        slab.deallocate()
    }

    /// Opens the loop; `data` of each of its own handles is `executor`, unretained.
    func open(executor: UnsafeMutableRawPointer) {
        PeerState.check(uv_loop_init(uv))
        PeerState.check(
            uv_async_init(uv, wakeup) { EventLoop.at($0?.pointee.data)?.collect() })
        PeerState.check(uv_prepare_init(uv, prepare))
        PeerState.check(uv_check_init(uv, check))
        uv.pointee.data = executor
        wakeup.pointee.data = executor
        prepare.pointee.data = executor
        check.pointee.data = executor
        PeerState.check(uv_prepare_start(prepare) { EventLoop.at($0?.pointee.data)?.turn() })
        PeerState.check(uv_check_start(check) { EventLoop.at($0?.pointee.data)?.turn() })
        withHandle(prepare) { uv_unref($0) }
        withHandle(check) { uv_unref($0) }
    }

    /// Closes the loop's own handles, after all others have closed.
    func close() {
        withHandle(wakeup) { uv_close($0, nil) }
        withHandle(prepare) { uv_close($0, nil) }
        withHandle(check) { uv_close($0, nil) }
        uv_run(uv, UV_RUN_DEFAULT)
        PeerState.check(uv_loop_close(uv))
    }

    /// Runs what is enqueued now; what that enqueues waits for the next call.
    func runJobs(on executor: UnownedSerialExecutor) {
        var waiting: [@Sendable () -> Void] = []
        swap(&waiting, &calls)
        for call in waiting { call() }
        var batch: [UnownedJob] = []
        swap(&batch, &spare)
        swap(&batch, &jobs)
        for job in batch { job.runSynchronously(on: executor) }
        batch.removeAll(keepingCapacity: batch.capacity <= Limits.jobsKept)
        spare = batch
    }

    func flushLater(_ stream: ByteStream) {
        unflushed.append(stream)
    }

    func flushStreams() {
        guard !unflushed.isEmpty else { return }
        let streams = unflushed
        unflushed.removeAll(keepingCapacity: true)
        for stream in streams { stream.flush() }
    }

    var isIdle: Bool { jobs.isEmpty && calls.isEmpty && unflushed.isEmpty }

    /// Asks every owner to close; the loop's own handles go last.
    func closeHandles() {
        uv_walk(
            uv,
            { handle, own in
                guard let handle, let data = handle.pointee.data, data != own else { return }
                Unmanaged<Handle>.fromOpaque(data).takeUnretainedValue().stop()
            }, uv.pointee.data)
    }
}

/// Lends a libuv handle of any kind as the general one, which C calls a cast.
func withHandle<Kind, Result>(
    _ handle: UnsafeMutablePointer<Kind>,
    _ body: (UnsafeMutablePointer<uv_handle_t>) -> Result
) -> Result {
    body(UnsafeMutableRawPointer(handle).assumingMemoryBound(to: uv_handle_t.self))
}
