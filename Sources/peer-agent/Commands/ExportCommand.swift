import AgentServer
import PeerNet
import PeerState

/// Writes messages, or the signed log of a server, as JSON lines.
struct ExportCommand: Command {
    static let name = "export"
    static let summary = "Writes the messages, or the signed log, of a server as JSON lines."
    static let flags: [Flag] = [.dataDirectory, .config, .server, .format, .output]

    private static let pageCount = 100

    private enum Format { case messages, events }

    private let access: NodeAccess
    private let path: String
    private let server: ServerChoice?
    private let format: Format
    private let target: String?

    init(_ arguments: Arguments) throws(CLIFailure) {
        path = try arguments.dataDirectoryPath()
        access = try NodeAccess(try arguments.withConfiguration(path), path: path)
        server = try arguments.server()
        format =
            try arguments.choice(.format, [("jsonl", .messages), ("events", .events)])
            ?? .messages
        target = try arguments[.output].map { path throws(CLIFailure) in
            try Paths.absolute(path)
        }
    }

    func run() async throws {
        let peer = try Identity.load(at: path).publicKey
        switch format {
        case .events:
            let server = try LogSource.server(server, in: path)
            let file = try ExportFile(target)
            try exportEvents(of: server, file, peer)
            try file.finish()
        case .messages:
            let file = try ExportFile(target)
            try await access.run { client in try exportMessages(file, client) }
            try file.finish()
        }
    }

    private func exportEvents(
        of server: Server.ID, _ file: ExportFile, _ peer: Peer.ID
    ) throws {
        try file.line(ExportLines.head(server, by: peer, at: SystemClock.wallMilliseconds()))
        var check = LogCheck(server: server)
        var ids = HashStream()
        try LogSource.each(of: server, in: path) { bytes in
            let id = try Envelope(decoding: bytes).id
            if let problem = check.add(bytes) {
                throw StoreFailure(.corrupt, "event \(id.short): \(problem)")
            }
            ids.add(id.bytes)
            try file.line(ExportLines.event(id, bytes))
        }
        try file.line(ExportLines.end(check.summary, ids: ids.finish()))
    }

    private func exportMessages(_ file: ExportFile, _ client: NodeClient) throws {
        let server = try client.id(of: server)
        let query = server.map { "?server=\($0)" } ?? ""
        let channels = try client.read("peer://server/channels\(query)")["channels"]?.array ?? []
        for channel in channels where channel["kind"]?.string == "text" {
            guard let id = channel["id"]?.string else { continue }
            for message in try messages(server.map { "\($0)/\(id)" } ?? id, client) {
                try file.line(message)
            }
        }
    }

    /// Oldest first; pages come newest first.
    private func messages(_ address: String, _ client: NodeClient) throws -> [JSON] {
        var pages: [[JSON]] = []
        var before: JSON?
        repeat {
            var call: JSONObject = [
                "channel": .string(address), "limit": JSON(Self.pageCount), "format": "detailed",
            ]
            if let before { call.append("before", before) }
            let page = try client.call("read_channel", call)
            pages.append(page["messages"]?.array ?? [])
            before = page["has_more"]?.bool == true ? page["prev_cursor"] : nil
        } while before != nil
        return pages.reversed().flatMap { $0 }
    }
}
