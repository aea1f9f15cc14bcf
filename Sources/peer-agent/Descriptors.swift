import Glibc
import PeerNet
import PeerState

/// Sees to it that a node has the descriptors it cannot do without, while it can still say so.
enum Descriptors {
    /// What a start opens at once: the loop, signals, sockets, two databases, the lock, a key.
    static let needed = 24
    /// Connections of agents and peers together, and some more.
    static let wanted: rlim_t = 4_096

    /// - Errors: `badEnvironment` where too few files may be open.
    static func loop() throws(CLIFailure) -> EventLoop {
        raiseLimit()
        try need()
        return EventLoop()
    }

    /// The limit of a login shell is a fourth of it; raising it is allowed up to a harder one.
    private static func raiseLimit() {
        var limit = rlimit()
        let kind = __rlimit_resource_t(RLIMIT_NOFILE.rawValue)
        guard getrlimit(kind, &limit) == 0, limit.rlim_cur < wanted else { return }
        limit.rlim_cur = min(wanted, limit.rlim_max)
        _ = setrlimit(kind, &limit)  // What it is now may do as well.
    }

    private static func need() throws(CLIFailure) {
        var held: [Int32] = []
        defer { for descriptor in held { close(descriptor) } }
        while held.count < needed {
            let descriptor = fcntl(STDERR_FILENO, F_DUPFD_CLOEXEC, STDERR_FILENO + 1)
            guard descriptor >= 0 else {
                throw CLIFailure(
                    .badEnvironment,
                    "only \(held.count) more files may be open, and a node needs \(needed); "
                        + "raise the limit, for example with: ulimit -n \(wanted)")
            }
            held.append(descriptor)
        }
    }
}
