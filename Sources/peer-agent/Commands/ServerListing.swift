import AgentServer

/// Lists the servers this node is in.
struct ServerListing: Listing {
    static let name = "servers"
    static let summary = "Lists the servers this node is in."
    static let isOfServer = false
    static let resource = "servers"
    static let none = ServerChoice.choices([])
    static let list = "servers"

    static func row(_ json: JSON) -> [String] {
        [
            json["current"]?.bool == true ? "*" : " ", String(text(json, "id").prefix(16)),
            text(json, "kind") == "direct" ? "(direct)" : text(json, "name"),
            "\(number(json, "unread")) unread",
        ]
    }
}
