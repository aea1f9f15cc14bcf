import Glibc

/// Writes one line per message to standard error, and nothing to standard output.
///
/// Callers pass ids, codes and counts; message text, keys and tokens never reach a log.
package struct Log: Sendable {
    package enum Level: Int, Comparable, CaseIterable, Sendable {
        case error, warning, info, debug, trace
        package static func < (left: Self, right: Self) -> Bool { left.rawValue < right.rawValue }
    }

    private let level: Level
    private let write: @Sendable (String) -> Void

    /// - Parameter write: receives each finished line without a line break.
    package init(level: Level, write: @escaping @Sendable (String) -> Void = Log.standardError) {
        self.level = level
        self.write = write
    }

    package static let silent = Log(level: .error) { _ in }

    package func log(_ level: Level, _ message: @autoclosure () -> String) {
        guard level <= self.level else { return }
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
