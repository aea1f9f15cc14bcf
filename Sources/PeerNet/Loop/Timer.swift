import CLibuv
package import PeerState

/// A deadline that can be moved: one shot each time it is armed.
///
/// - Isolation: loop thread only; the callback too. `close` ends it and drops the callback.
package final class Timer: Handle {
    private var deadline: Instant?
    private var onFire: (() -> Void)?

    package init(_ loop: EventLoop, onFire: @escaping () -> Void) throws(NetFailure) {
        self.onFire = onFire
        try super.init(loop, UV_TIMER) {
            uv_timer_init($0, $1.assumingMemoryBound(to: uv_timer_t.self))
        }
    }

    /// Fires once at `deadline`, never before it; replaces what was armed.
    package func arm(at deadline: Instant) {
        guard !isClosing else { return }
        self.deadline = deadline
        schedule(deadline, now: loop.now)
    }

    package func disarm() {
        deadline = nil
        guard !isClosing else { return }
        check(uv_timer_stop(pointer(uv_timer_t.self)))
    }

    package func close() {
        onFire = nil
        closeHandle()
    }

    private func schedule(_ deadline: Instant, now: Instant) {
        let left =
            deadline.nanoseconds > now.nanoseconds ? deadline.nanoseconds - now.nanoseconds : 0
        // libuv counts from the beginning of its turn, in whole milliseconds.
        let milliseconds = left / 1_000_000 + (left % 1_000_000 == 0 ? 0 : 1)
        check(
            uv_timer_start(
                pointer(uv_timer_t.self),
                { timer in
                    guard let data = timer?.pointee.data else { return }
                    Unmanaged<Timer>.fromOpaque(data).takeUnretainedValue().fire()
                }, milliseconds, 0))
    }

    private func fire() {
        guard let deadline else { return }
        let now = loop.now
        guard now >= deadline else { return schedule(deadline, now: now) }
        self.deadline = nil
        onFire?()
    }

    override func didClose() { onFire = nil }
}
