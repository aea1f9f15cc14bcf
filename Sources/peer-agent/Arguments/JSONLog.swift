package import AgentServer
import PeerNet
import PeerState

/// The log as one JSON object a line, for programs that collect logs.
package enum JSONLog {
    /// Writes to standard error.
    static func log(_ level: Log.Level) -> Log {
        Log(level: level) { line in
            Log.standardError(object(line, at: SystemClock.wallMilliseconds()).text)
        }
    }

    /// - Parameter line: as `Log` makes it: the program, the level, a colon, the message.
    package static func object(_ line: String, at milliseconds: UInt64) -> JSON {
        let parts = line.split(separator: ": ", maxSplits: 1, omittingEmptySubsequences: false)
        let level = parts[0].split(separator: " ").last.map(String.init) ?? "info"
        let message = parts.count == 2 ? String(parts[1]) : line
        return [
            "at_ms": JSON(milliseconds), "level": .string(level), "message": .string(message),
        ]
    }
}
