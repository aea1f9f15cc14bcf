import AgentServer
import PeerState

/// Shows who did what through this node, from its audit log.
struct AuditCommand: Command {
    static let name = "audit"
    static let summary = "Shows who called what, with which outcome: the audit log."
    static let flags: [Flag] = [
        .dataDirectory, .config, .auditTool, .auditToken, .outcome, .after, .records, .json,
    ]

    private static let page = 200

    private let access: NodeAccess
    private let filter: JSONObject
    private let after: String?
    private let limit: Int
    private let isJSON: Bool

    init(_ arguments: Arguments) throws(CLIFailure) {
        access = try arguments.access()
        after = arguments[.after]
        isJSON = arguments.contains(.json)
        limit = Int(try arguments.seconds(.records, in: 1...1_000_000) ?? 50)
        var filter = JSONObject()
        for (flag, name) in [
            (Flag.auditTool, "tool"), (.auditToken, "token_id"), (.outcome, "outcome"),
        ] {
            if let value = arguments[flag] { filter.append(name, .string(value)) }
        }
        self.filter = filter
    }

    func run() async throws {
        try await access.run { client in try show(client) }
    }

    /// Without a cursor the newest are shown; with one, all that follow.
    private func show(_ client: NodeClient) throws(CLIFailure) {
        var after = after
        var left = limit
        while left > 0 {
            var call = filter
            call.append("limit", JSON(min(left, Self.page)))
            // Further back than one page: from the beginning.
            let start = after ?? (limit > Self.page ? "a1_0" : nil)
            if let start { call.append("after", .string(start)) }
            let page = try client.call("audit_log", call)
            let records = page["records"]?.array ?? []
            for record in records { try Output.line(isJSON ? record.text : Self.line(record)) }
            left -= records.count
            guard page["has_more"]?.bool == true, let cursor = page["cursor"]?.string else {
                return
            }
            after = cursor
        }
    }

    private static func line(_ record: JSON) -> String {
        func text(_ key: String) -> String { TerminalText.line(record[key]?.string ?? "") }
        let what = record["tool"] ?? record["event"] ?? record["method"]
        let error = record["error"].map { $0.string ?? $0.text }
        let end = error.map { "error \(TerminalText.line($0))" } ?? text("outcome")
        let time = record["ms"]?.integer.map { "\($0) ms" } ?? ""
        return [
            text("at"), text("principal"), TerminalText.line(what?.string ?? ""), end, time,
            text("event_id").prefix(16).description,
        ].filter { !$0.isEmpty }.joined(separator: "  ")
    }
}
