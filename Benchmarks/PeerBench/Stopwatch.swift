import Glibc
import PeerNet
import PeerState

/// Time since its start, on the clock and on the processors of this process.
///
/// The second hardly changes when other programs take processors away, so that work can be compared
/// on a busy machine.
struct Stopwatch {
    struct Reading: Sendable {
        var seconds = 1.0
        var processorSeconds = 1.0
    }

    private let start = SystemClock.now()
    private let processorStart = Self.processorSeconds()

    func read() -> Reading {
        let elapsed = max(SystemClock.now().nanoseconds - start.nanoseconds, 1)
        return Reading(
            seconds: Double(elapsed) / 1e9,
            processorSeconds: max(Self.processorSeconds() - processorStart, 1e-9))
    }

    private static func processorSeconds() -> Double {
        var usage = rusage()
        check(getrusage(__rusage_who_t(RUSAGE_SELF.rawValue), &usage))
        return [usage.ru_utime, usage.ru_stime].reduce(0) {
            $0 + Double($1.tv_sec) + Double($1.tv_usec) / 1e6
        }
    }
}
