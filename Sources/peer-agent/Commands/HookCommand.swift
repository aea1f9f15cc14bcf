import AgentServer
import PeerState

/// Makes, lists and revokes addresses that other programs post to, in the running node.
struct HookCommand: Command {
    static let name = "hook"
    static let summary =
        "hook create --channel #NAME, hook list, hook revoke ID: webhooks that post messages."
    static let flags: [Flag] = [.dataDirectory, .hookChannel, .label, .json]
    static let maximumWords = 2

    private enum Action {
        case create(JSON)
        case list
        case revoke(String)
    }

    private let path: String
    private let action: Action
    private let isJSON: Bool

    init(_ arguments: Arguments) throws(CLIFailure) {
        path = try arguments.dataDirectoryPath()
        isJSON = arguments.contains(.json)
        switch (arguments.words.first, arguments.words.count) {
        case ("create", 1):
            guard let channel = arguments[.hookChannel] else {
                throw CLIFailure(.usage, "hook create needs --channel")
            }
            var order: JSONObject = ["channel": .string(channel)]
            if let label = arguments[.label] { order.append("label", .string(label)) }
            action = .create(.object(order))
        case ("list", 1): action = .list
        case ("revoke", 2):
            let id = arguments.words[1]
            let letters = "abcdefghijklmnopqrstuvwxyz0123456789_"
            guard id.allSatisfy({ letters.contains($0) }) else {
                throw CLIFailure(.usage, "\(id.quoted) is no id of a webhook; see hook list")
            }
            action = .revoke(id)
        default: throw CLIFailure(.usage, "hook takes one of: create, list, revoke ID")
        }
    }

    func run() async throws {
        guard let node = LocalNode(dataDirectory: path) else {
            throw CLIFailure(
                .nodeUnreachable, "no node runs on \(path); start it with peer-agent run")
        }
        switch action {
        case .create(let order): try show(created: try node.ask("POST", "/control/hooks", order))
        case .list:
            let rows = try node.ask("GET", "/control/hooks")["hooks"]?.array ?? []
            for row in rows { try Output.line(isJSON ? row.text : Self.line(row)) }
            if rows.isEmpty && !isJSON { Log.standardError("peer-agent: there are no webhooks") }
        case .revoke(let id):
            _ = try node.ask("DELETE", "/control/hooks/\(id)")
            if isJSON { try Output.line(#"{"revoked":true}"#) }
            Log.standardError("peer-agent: webhook \(id) is revoked")
        }
    }

    private func show(created hook: JSON) throws(CLIFailure) {
        if isJSON { return try Output.line(hook.text) }
        let place = hook["url"]?.string ?? hook["path"]?.string ?? ""
        Log.standardError(
            "peer-agent: the secret is shown once. Sign timestamp.body with HMAC-SHA256 under its "
                + "32 bytes, and send X-Peer-Agent-Timestamp and X-Peer-Agent-Signature: sha256=…")
        try Output.line(place)
        try Output.line(hook["secret"]?.string ?? "")
    }

    private static func line(_ row: JSON) -> String {
        func text(_ key: String) -> String { row[key]?.string?.printable ?? "" }
        let end = row["revoked_at"] != nil ? "revoked \(text("revoked_at"))" : "works"
        return "\(text("id"))  \(end)  \(text("label"))  channel \(text("channel_id"))"
    }
}
