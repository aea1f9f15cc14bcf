import Glibc
import PeerNet
import PeerState

extension Limits {
    /// How long an ordered stop may take after a signal, then the process ends all the same.
    static let stopTimeout = Milliseconds.seconds(5)
}

/// Turns SIGINT and SIGTERM into one request to stop; a second signal ends the process at once.
///
/// - Source: MCP 16.4.
actor StopRequest: LoopActor {
    nonisolated let loop: EventLoop
    private let log: Log
    private var signals: [Signal] = []
    private var deadline: Timer?
    private(set) var isRequested = false
    private var waiting: [CheckedContinuation<Void, Never>] = []

    init(loop: EventLoop, log: Log) {
        self.loop = loop
        self.log = log
    }

    /// Begins to watch for signals.
    func watch() throws {
        for kind in [Signal.Kind.interrupt, .terminate] {
            signals.append(
                try Signal(loop, kind) { [unowned self] in assumeIsolated { $0.signalled() } })
        }
    }

    private func signalled() {
        guard !isRequested else { _exit(ExitCode.interrupted.rawValue) }
        log.log(.info, "stopping")
        begin()
    }

    /// Returns when a signal has arrived, or the stop has begun for another reason.
    func requested() async {
        guard !isRequested else { return }
        await withCheckedContinuation { waiting.append($0) }
    }

    private func release() {
        let waiting = self.waiting
        self.waiting = []
        for continuation in waiting { continuation.resume() }
    }

    /// The stop has begun, for whatever reason: it must end in time.
    func begin() {
        isRequested = true
        release()
        guard deadline == nil else { return }
        do {
            let timer = try Timer(loop) { [log] in
                log.log(.error, "the stop took too long; ending without waiting (stopTookTooLong)")
                _exit(ExitCode.failed.rawValue)
            }
            timer.arm(at: loop.now + Limits.stopTimeout)
            deadline = timer
        } catch {
            log.log(.warning, "no deadline for the stop: \(error)")
        }
    }

    /// The stop is complete.
    func finish() {
        deadline?.close()
        for signal in signals { signal.close() }
        signals = []
    }
}
