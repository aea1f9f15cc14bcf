/// What a `subscriptions/listen` request asks to be told.
package struct MCPListenFilter: Sendable {
    package var toolsListChanged: Bool
    package var promptsListChanged: Bool
    package var resourcesListChanged: Bool
    /// As asked for; what is malformed or unknown is left out of the acknowledgement.
    package var resources: [String]
    package var tasks: [String]
    package var events: EventFilter?

    init(_ params: JSONObject) throws(MCPError) {
        guard let filter = params["notifications"]?.object else {
            throw MCPError(.invalidParams, "\"notifications\" must be given, as an object.")
        }
        toolsListChanged = try Self.flag("toolsListChanged", filter)
        promptsListChanged = try Self.flag("promptsListChanged", filter)
        resourcesListChanged = try Self.flag("resourcesListChanged", filter)
        resources = try Self.texts("resourceSubscriptions", filter)
        tasks = try Self.texts("taskIds", filter)
        events = try filter["peerEvents"].map(EventFilter.init)
    }

    private static func flag(_ key: String, _ filter: JSONObject) throws(MCPError) -> Bool {
        guard let value = filter[key] else { return false }
        guard let flag = value.bool else {
            throw MCPError(.invalidParams, "\"notifications.\(key)\" must be a boolean.")
        }
        return flag
    }

    private static func texts(_ key: String, _ filter: JSONObject) throws(MCPError) -> [String] {
        guard let value = filter[key] else { return [] }
        guard let items = value.array else {
            throw MCPError(.invalidParams, "\"notifications.\(key)\" must be an array.")
        }
        return items.compactMap(\.string)
    }
}
