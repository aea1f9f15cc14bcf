import AgentServer
import PeerState

/// One kind of rows that a command lists: the resource that holds them, and how they look.
protocol Listing: Sendable {
    static var name: String { get }
    static var summary: String { get }
    /// Whether the rows are those of one server.
    static var isOfServer: Bool { get }

    /// The resource, and the member of it that holds the rows.
    static var resource: String { get }
    static var list: String { get }
    static func row(_ json: JSON) -> [String]
    /// What a person is told where there are no rows.
    static var none: String { get }
}

extension Listing {
    static var none: String { "there are none" }
    static func text(_ json: JSON, _ key: String) -> String { json[key]?.string ?? "" }
    static func number(_ json: JSON, _ key: String) -> Int64 { json[key]?.integer ?? 0 }
}

/// Shows one resource as a table: `servers`, `channels` and `members`.
struct ListingCommand<Rows: Listing>: Command {
    static var name: String { Rows.name }
    static var summary: String { Rows.summary }
    static var flags: [Flag] {
        [.dataDirectory, .config] + (Rows.isOfServer ? [.server] : []) + [.json]
    }

    private let access: NodeAccess
    private let server: ServerChoice?
    private let isJSON: Bool

    init(_ arguments: Arguments) throws(CLIFailure) {
        access = try arguments.access()
        server = try arguments.server()
        isJSON = arguments.contains(.json)
    }

    func run() async throws {
        try await access.run { client in
            let query = try client.id(of: server).map { "?server=\($0)" } ?? ""
            let rows = try client.read("peer://\(Rows.resource)\(query)")[Rows.list]?.array ?? []
            if isJSON {
                for row in rows { try Output.line(row.text) }
            } else {
                let words = rows.map { Rows.row($0).map(TerminalText.line) }
                try Output.write(Table.text(words))
                if rows.isEmpty { Log.standardError("peer-agent: \(Rows.none)") }
            }
        }
    }
}

extension Arguments {
    func access() throws(CLIFailure) -> NodeAccess {
        let path = try dataDirectoryPath()
        return try NodeAccess(try withConfiguration(path), path: path)
    }
}
