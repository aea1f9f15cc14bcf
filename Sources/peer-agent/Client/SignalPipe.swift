import Glibc
import PeerState
import Synchronization

/// Turns signals into bytes on a descriptor, for programs that wait with `poll`.
enum SignalPipe {
    private static let writing = Atomic<Int32>(-1)

    /// Begins to take note of signals instead of ending; for the rest of the process.
    ///
    /// - Returns: the descriptor on which one byte comes per signal: its number.
    /// - Errors: `childFailed` when there is no descriptor left.
    static func watch(_ signals: [Int32]) throws(CLIFailure) -> Int32 {
        var ends: [Int32] = [-1, -1]
        guard pipe(&ends) == 0 else {
            throw CLIFailure(.childFailed, "no pipe: \(systemText(errno))")
        }
        for end in ends {
            _ = fcntl(end, F_SETFD, FD_CLOEXEC)
            _ = fcntl(end, F_SETFL, O_NONBLOCK)
        }
        writing.store(ends[1], ordering: .sequentiallyConsistent)
        for number in signals {
            signal(number) { number in
                var byte = UInt8(truncatingIfNeeded: number)
                let problem = errno
                _ = write(SignalPipe.writing.load(ordering: .relaxed), &byte, 1)
                errno = problem
            }
        }
        return ends[0]
    }

    /// The numbers of the signals that came.
    static func take(_ descriptor: Int32) -> [Int32] {
        var bytes = [UInt8](repeating: 0, count: 64)
        let count = read(descriptor, &bytes, bytes.count)
        return bytes.prefix(max(0, count)).map(Int32.init)
    }
}
