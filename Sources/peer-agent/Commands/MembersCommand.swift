import AgentServer

/// Lists the members of a server.
struct MembersCommand: ListingCommand {
    static let name = "members"
    static let summary = "Lists the members of a server, and who is connected."
    static let flags: [Flag] = [.dataDirectory, .config, .server, .json]
    static let resource = "server/members"
    static let list = "members"

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
            json["is_online"]?.bool == true ? "●" : "○", text(json, "display_name"),
            text(json, "level"), json["agent"]?.bool == true ? "agent" : "",
            text(json, "peer_id"),
        ]
    }
}
