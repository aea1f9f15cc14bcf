import Glibc
import Synchronization

/// Whether somebody asked the demo to stop; it then ends as after a failure, and tidies up.
enum Interruption {
    private static let isAsked = Atomic(false)

    /// Begins to take note of SIGINT, SIGTERM and SIGHUP instead of ending at once.
    static func watch() {
        // Made before a handler could run, where making it would not be safe.
        _ = isPending
        for number in [SIGINT, SIGTERM, SIGHUP] {
            signal(number) { _ in Interruption.isAsked.store(true, ordering: .relaxed) }
        }
    }

    static var isPending: Bool { isAsked.load(ordering: .relaxed) }
}
