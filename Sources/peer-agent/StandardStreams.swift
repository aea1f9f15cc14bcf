import Glibc
import PeerState

/// Keeps the descriptors 0, 1 and 2 what everybody takes them for.
enum StandardStreams {
    /// Fills descriptors that the parent closed, so that no file of ours becomes one of them.
    static func fillGaps() {
        var descriptor: Int32
        repeat { descriptor = open("/dev/null", O_RDWR) } while (0...2).contains(descriptor)
        if descriptor > 2 { close(descriptor) }
        // A reader that went away, or a file at its limit, is an error of `write`, not the end of
        // the process.
        signal(SIGPIPE, SIG_IGN)
        signal(SIGXFSZ, SIG_IGN)
    }

    static var inputIsTerminal: Bool { isatty(STDIN_FILENO) == 1 }

    /// Whether a person sees standard error, and nothing keeps it.
    static var errorIsTerminal: Bool { isatty(STDERR_FILENO) == 1 }

    /// Moves standard output to a private descriptor; what writes to fd 1 lands on fd 2.
    ///
    /// - Returns: the private descriptor, closed when another program is run.
    /// - Errors: `outputFailed`. Source: MCP 1.2, G3.
    static func takeOutput() throws(CLIFailure) -> Int32 {
        let firstFree: Int32 = 3
        let descriptor = fcntl(STDOUT_FILENO, F_DUPFD_CLOEXEC, firstFree)
        guard descriptor >= 0, dup2(STDERR_FILENO, STDOUT_FILENO) >= 0 else {
            throw CLIFailure(
                .outputFailed, "cannot set standard output aside: \(systemText(errno))")
        }
        return descriptor
    }
}
