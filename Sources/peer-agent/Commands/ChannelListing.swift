import AgentServer

/// Lists the channels of a server.
struct ChannelListing: Listing {
    static let name = "channels"
    static let summary = "Lists the channels of a server."
    static let isOfServer = true
    static let resource = "server/channels"
    static let list = "channels"

    static func row(_ json: JSON) -> [String] {
        [
            "#" + text(json, "name"), text(json, "kind"), String(text(json, "id").prefix(16)),
            "\(number(json, "unread")) unread", text(json, "topic"),
        ]
    }
}
