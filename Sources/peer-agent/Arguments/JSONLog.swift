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
        let colon = line.place(of: ": ")
        let head = line[..<(colon?.lowerBound ?? line.endIndex)]
        let level = head.split(separator: " ").last.map(String.init) ?? "info"
        let message = colon.map { String(line[$0.upperBound...]) } ?? line
        return [
            "at_ms": JSON(milliseconds), "level": .string(level), "message": .string(message),
        ]
    }
}
