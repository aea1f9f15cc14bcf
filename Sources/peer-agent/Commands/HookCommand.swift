import AgentServer
import PeerState

/// Makes, lists and revokes addresses that other programs post to, in the running node or in one
/// for the length of the command.
struct HookCommand: Command {
    static let name = "hook"
    static let summary =
        "hook create --channel #NAME [--label TEXT], hook list, hook revoke ID: webhooks that "
        + "post messages."
    static let flags: [Flag] = [.dataDirectory, .config, .hookChannel, .label, .json]
    static let maximumWords = 2

    private let path: String
    private let access: NodeAccess
    private let action: KeptAction<JSON>
    private let isJSON: Bool

    init(_ arguments: Arguments) throws(CLIFailure) {
        path = try arguments.dataDirectoryPath()
        access = try NodeAccess(try arguments.withConfiguration(path), path: path)
        isJSON = arguments.contains(.json)
        action = try KeptAction(arguments, of: Self.name) { () throws(CLIFailure) in
            guard let channel = arguments[.hookChannel] else {
                throw CLIFailure(.usage, "hook create needs --channel")
            }
            var order: JSONObject = ["channel": .string(channel)]
            if let label = arguments[.label] { order.append("label", .string(label)) }
            return .object(order)
        }
    }

    func run() async throws {
        let result = try await access.run { _ in
            guard let node = LocalNode(dataDirectory: path) else {
                throw CLIFailure(
                    .nodeUnreachable, "no node runs on \(path); start it with peer-agent run")
            }
            return try action.ask(node, at: "/control/hooks") { $0 }
        }
        switch action {
        case .create: try show(created: result)
        case .list:
            try KeptAction<JSON>.show(
                result["hooks"], isJSON: isJSON, none: "webhooks", Self.line)
        case .revoke(let id): try KeptAction<JSON>.showRevoked("webhook \(id)", isJSON: isJSON)
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
