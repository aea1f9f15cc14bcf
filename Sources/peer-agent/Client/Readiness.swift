import Glibc

/// Waits until one of several descriptors can be read.
enum Readiness {
    private static let longestWait: UInt64 = 1_000_000

    /// - Parameter closing: descriptors of which only the end is of interest.
    /// - Returns: those that have something, or have ended; empty after the time or a signal.
    static func wait(
        _ descriptors: [Int32], closing: [Int32] = [], milliseconds: UInt64
    ) -> Set<Int32> {
        var polled = descriptors.map { pollfd(fd: $0, events: Int16(POLLIN), revents: 0) }
        polled += closing.map { pollfd(fd: $0, events: 0, revents: 0) }
        let limit = Int32(min(milliseconds, longestWait))
        guard poll(&polled, nfds_t(polled.count), limit) > 0 else { return [] }
        return Set(polled.filter { $0.revents != 0 }.map(\.fd))
    }
}
