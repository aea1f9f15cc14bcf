/// What a `subscriptions/listen` request asks to be told.
package struct MCPListenFilter: Sendable {
    package var toolsListChanged: Bool
    package var resourcesListChanged: Bool
    /// As asked for; what is malformed or unknown is left out of the acknowledgement.
    package var resources: [String]

    init(_ params: JSONObject) throws(MCPError) {
        guard let filter = params["notifications"]?.object else {
            throw MCPError(.invalidParams, "\"notifications\" must be given, as an object.")
        }
        func flag(_ key: String) throws(MCPError) -> Bool {
            guard let value = filter[key] else { return false }
            guard let flag = value.bool else {
                throw MCPError(.invalidParams, "\"notifications.\(key)\" must be a boolean.")
            }
            return flag
        }
        toolsListChanged = try flag("toolsListChanged")
        _ = try flag("promptsListChanged")
        resourcesListChanged = try flag("resourcesListChanged")
        let uris = filter["resourceSubscriptions"] ?? .array([])
        guard let uris = uris.array else {
            throw MCPError(
                .invalidParams, "\"notifications.resourceSubscriptions\" must be an array.")
        }
        resources = uris.compactMap(\.string)
    }
}
