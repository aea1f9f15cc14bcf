import Glibc
import Synchronization

/// Writes one line per message to standard error, and nothing to standard output.
///
/// Callers pass ids, codes and counts; message text, keys and tokens never reach a log.
package struct Log: Sendable {
    package enum Level: Int, Comparable, CaseIterable, Sendable {
        case error, warning, info, debug, trace
        package static func < (left: Self, right: Self) -> Bool { left.rawValue < right.rawValue }
    }

    /// Shared by all copies of a log.
    private final class Threshold: Sendable {
        let level: Atomic<Int>

        init(_ level: Level) { self.level = Atomic(level.rawValue) }
    }

    private let threshold: Threshold
    private let write: @Sendable (String) -> Void

    /// - Parameter write: receives each finished line without a line break.
    package init(level: Level, write: @escaping @Sendable (String) -> Void = Log.standardError) {
        threshold = Threshold(level)
        self.write = write
    }

    /// Writes less or more from now on, also through copies that others hold.
    package func set(_ level: Level) { threshold.level.store(level.rawValue, ordering: .relaxed) }

    package static let silent = Log(level: .error) { _ in }

    package func log(_ level: Level, _ message: @autoclosure () -> String) {
        guard level.rawValue <= threshold.level.load(ordering: .relaxed) else { return }
        write("peer-agent \(level): \(message())")
    }

    package static let standardError: @Sendable (String) -> Void = { line in
        let bytes = Array((line + "\n").utf8)
        bytes.withUnsafeBytes { buffer in
            var sent = 0
            while sent < buffer.count {
                let count = Glibc.write(
                    2, buffer.baseAddress?.advanced(by: sent), buffer.count - sent)
                if count < 0 && errno != EINTR { return }  // Nobody is left to tell.
                sent += max(count, 0)
            }
        }
    }
}
