import AgentServer
import Glibc
import PeerState

/// Checks an exported log by itself, without a node and without its keys.
struct ExportCheck {
    private let path: String
    private var check: LogCheck?
    private var ids = IDHash()
    private var end: JSON?
    private var line = 0

    /// A hash that can be asked for once it is complete.
    private final class IDHash {
        private var stream: HashStream? = HashStream()

        func add(_ bytes: [UInt8]) { stream?.add(bytes) }

        func finish() -> Digest.Value? {
            guard let stream = stream.take() else { return nil }
            return stream.finish()
        }
    }

    /// Reads a whole file.
    ///
    /// - Errors: `badExport`, naming the line and what is wrong with it.
    static func run(_ path: String) throws -> LogCheck.Summary {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw StoreFailure(errno: errno, "open \(path)") }
        defer { close(descriptor) }
        var check = ExportCheck(path: path)
        var reader = LineReader(descriptor)
        while !reader.isAtEnd {
            try reader.fill()
            while let line = reader.line() { try check.take(line) }
        }
        let rest = reader.rest()
        if !rest.isEmpty { try check.take(rest) }
        return try check.finish()
    }

    private init(path: String) {
        self.path = path
    }

    private func wrong(_ text: String) -> CLIFailure {
        CLIFailure(.badExport, "\(path):\(line): \(text)")
    }

    private mutating func take(_ bytes: [UInt8]) throws(CLIFailure) {
        line += 1
        let json: JSON
        do {
            json = try JSON(parsing: bytes)
        } catch {
            throw wrong("this line is no JSON (\(error.code.word))")
        }
        guard end == nil else { throw wrong("something follows the end") }
        guard check != nil else { return try begin(json) }
        if let end = json["end"] { self.end = end } else { try takeEvent(json) }
    }

    private mutating func begin(_ json: JSON) throws(CLIFailure) {
        guard json["peer_agent_export"]?.integer == ExportLines.version,
            let server = json["server_id"]?.string.flatMap({ Server.ID(hex: $0) })
        else { throw wrong("this is no log that peer-agent export --format events has written") }
        check = LogCheck(server: server)
    }

    private mutating func takeEvent(_ json: JSON) throws(CLIFailure) {
        guard let id = json["id"]?.string.flatMap({ Event.ID(hex: $0) }),
            let envelope = json["envelope"]?.string.flatMap({ [UInt8](hex: $0) })
        else { throw wrong("an event needs an id and an envelope in hexadecimal") }
        if let problem = check?.add(envelope, id: id) {
            throw wrong("event \(id.short): \(problem)")
        }
        ids.add(id.bytes)
    }

    private func finish() throws(CLIFailure) -> LogCheck.Summary {
        guard let summary = check?.summary, let end else {
            throw wrong("the file ends too early")
        }
        guard summary.waiting == 0 else {
            throw wrong("\(summary.waiting) events name others that are not in the file")
        }
        guard end["events"]?.integer == Int64(summary.events),
            end["ids_blake2b_256"]?.string == ids.finish()?.hex
        else { throw wrong("events were taken out, added or moved") }
        guard end["state_hash"]?.string == summary.stateHash.hex else {
            throw wrong("the events make another state than the one that was exported")
        }
        return summary
    }
}
