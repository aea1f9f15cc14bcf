import AgentServer

/// Lists the members of a server.
struct MemberListing: Listing {
    static let name = "members"
    static let summary = "Lists the members of a server, and who is connected."
    static let isOfServer = true
    static let resource = "server/members"
    static let list = "members"

    static func row(_ json: JSON) -> [String] {
        [
            json["is_online"]?.bool == true ? "●" : "○", text(json, "display_name"),
            text(json, "level"), json["agent"]?.bool == true ? "agent" : "",
            text(json, "peer_id"),
        ]
    }
}
