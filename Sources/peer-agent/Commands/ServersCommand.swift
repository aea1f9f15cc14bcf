import AgentServer

/// Lists the servers this node is in.
struct ServersCommand: ListingCommand {
    static let name = "servers"
    static let summary = "Lists the servers this node is in."
    static let flags: [Flag] = [.dataDirectory, .config, .json]
    static let resource = "servers"
    static let list = "servers"

    let access: NodeAccess
    let server: String? = nil
    let isJSON: Bool

    init(_ arguments: Arguments) throws(CLIFailure) {
        access = try arguments.access()
        isJSON = arguments.contains(.json)
    }

    static func row(_ json: JSON) -> [String] {
        [
            json["current"]?.bool == true ? "*" : " ", String(text(json, "id").prefix(16)),
            text(json, "kind") == "direct" ? "(direct)" : text(json, "name"),
            "\(number(json, "unread")) unread",
        ]
    }
}
