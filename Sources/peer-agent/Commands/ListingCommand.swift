import AgentServer
import PeerState

/// What `servers`, `channels` and `members` have in common: one resource, shown as a table.
protocol ListingCommand: Command {
    var access: NodeAccess { get }
    var server: String? { get }
    var isJSON: Bool { get }

    /// The resource, and the member of it that holds the rows.
    static var resource: String { get }
    static var list: String { get }
    static func row(_ json: JSON) -> [String]
}

extension ListingCommand {
    func run() async throws {
        try await access.run { client in
            let query = server.map { "?server=\($0)" } ?? ""
            let rows = try client.read("peer://\(Self.resource)\(query)")[Self.list]?.array ?? []
            if isJSON {
                for row in rows { try Output.line(row.text) }
            } else {
                let words = rows.map { Self.row($0).map(TerminalText.line) }
                try Output.write(Table.text(words))
            }
        }
    }

    static func text(_ json: JSON, _ key: String) -> String { json[key]?.string ?? "" }
    static func number(_ json: JSON, _ key: String) -> Int64 { json[key]?.integer ?? 0 }
}

extension Arguments {
    func access() throws(CLIFailure) -> NodeAccess {
        let path = try dataDirectoryPath()
        return try NodeAccess(try withConfiguration(path), path: path)
    }

    /// An id of a server or its beginning, safe to be put into an address.
    func server() throws(CLIFailure) -> String? {
        guard let id = self[.server] else { return nil }
        guard id.utf8.count >= 16, id.utf8.count <= 64, id.allSatisfy(\.isHexDigit) else {
            throw CLIFailure(.usage, "--server is \(id.quoted); give 16 to 64 digits of its id")
        }
        return id
    }
}
