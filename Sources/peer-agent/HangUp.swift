import PeerNet
import PeerState

/// Turns SIGHUP into reading the configuration again, one reading after the other.
///
/// - Source: MCP 16.4.
actor HangUp: LoopActor {
    nonisolated let loop: EventLoop
    private let log: Log
    private let reload: @Sendable () async -> Void
    private var signal: Signal?
    private var work: Task<Void, Never>?
    private var isWanted = false

    init(loop: EventLoop, log: Log, reload: @escaping @Sendable () async -> Void) {
        self.loop = loop
        self.log = log
        self.reload = reload
    }

    /// Begins to watch for the signal.
    func watch() {
        do {
            signal = try Signal(loop, .hangUp) { [unowned self] in
                assumeIsolated { $0.signalled() }
            }
        } catch {
            log.log(.warning, "SIGHUP cannot be watched: \(error)")
        }
    }

    private func signalled() {
        isWanted = true
        if work == nil { work = Task { await reloadWhileWanted() } }
    }

    private func reloadWhileWanted() async {
        while isWanted {
            isWanted = false
            await reload()
        }
        work = nil
    }

    /// Returns when nothing is read any more.
    func finish() async {
        signal?.close()
        signal = nil
        await work?.value
    }
}
