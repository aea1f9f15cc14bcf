import Glibc
import PeerState
import Synchronization

/// Whether somebody asked the demo to stop; it then ends as after a failure, and tidies up.
enum Interruption {
    private static let isAsked = Atomic(false)

    /// Begins to take note of SIGINT, SIGTERM and SIGHUP instead of ending at once.
    static func watch() {
        // Made before a handler could run, where making it would not be safe.
        _ = isAsked.load(ordering: .relaxed)
        for number in [SIGINT, SIGTERM, SIGHUP] {
            signal(number) { _ in Interruption.isAsked.store(true, ordering: .relaxed) }
        }
    }

    /// - Errors: `interrupted` when a signal has come.
    static func check() throws(CLIFailure) {
        guard isAsked.load(ordering: .relaxed) else { return }
        throw CLIFailure(.interrupted, "by a signal")
    }
}
