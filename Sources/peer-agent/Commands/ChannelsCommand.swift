import AgentServer

/// Lists the channels of a server.
struct ChannelsCommand: ListingCommand {
    static let name = "channels"
    static let summary = "Lists the channels of a server."
    static let flags: [Flag] = [.dataDirectory, .config, .server, .json]
    static let resource = "server/channels"
    static let list = "channels"

    let access: NodeAccess
    let server: String?
    let isJSON: Bool

    init(_ arguments: Arguments) throws(CLIFailure) {
        access = try arguments.access()
        server = try arguments.server()
        isJSON = arguments.contains(.json)
    }

    static func row(_ json: JSON) -> [String] {
        [
            "#" + text(json, "name"), text(json, "kind"), String(text(json, "id").prefix(16)),
            "\(number(json, "unread")) unread", text(json, "topic"),
        ]
    }
}
