import PeerNet
import PeerState

/// Turns SIGHUP into reading the configuration again, one reading after the other.
///
/// Watched from the start on: a signal that comes before anything can be read again waits
/// for it, instead of ending the process as SIGHUP does when nobody watches.
///
/// - Source: MCP 16.4.
actor HangUp: LoopActor {
    nonisolated let loop: EventLoop
    private let log: Log
    /// `nil` = nothing can be read again yet.
    private var reload: (@Sendable () async -> Void)?
    private var signal: Signal?
    private var work: Task<Void, Never>?
    private var isWanted = false

    init(loop: EventLoop, log: Log) {
        self.loop = loop
        self.log = log
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

    /// Reads again with `reload` from now on, at once if a signal has come already.
    func serve(_ reload: @escaping @Sendable () async -> Void) {
        self.reload = reload
        startIfWanted()
    }

    private func signalled() {
        isWanted = true
        startIfWanted()
    }

    private func startIfWanted() {
        guard isWanted, work == nil, let reload else { return }
        work = Task { await reloadWhileWanted(reload) }
    }

    private func reloadWhileWanted(_ reload: @Sendable () async -> Void) async {
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
