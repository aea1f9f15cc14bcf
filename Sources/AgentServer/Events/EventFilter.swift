/// Which events a listener wants, as it wrote it.
package struct EventFilter: Hashable, Sendable {
    /// `nil` = every type.
    package var types: Set<String>?
    /// Channel addresses; `nil` = every channel and what belongs to none.
    package var channels: [String]?
    /// The cursor of the last event the client has.
    package var after: String?

    package init() {}

    /// - Errors: `invalidParams`.
    init(_ json: JSON) throws(MCPError) {
        guard let object = json.object else {
            throw MCPError(.invalidParams, "\"peerEvents\" must be an object.")
        }
        types = try Self.texts("types", object).map(Set.init)
        channels = try Self.texts("channels", object)
        if let after = object["after"] {
            guard let text = after.string else {
                throw MCPError(.invalidParams, "\"peerEvents.after\" must be a cursor.")
            }
            self.after = text
        }
    }

    private static func texts(
        _ key: String, _ object: JSONObject
    ) throws(MCPError) -> [String]? {
        guard let value = object[key] else { return nil }
        guard let items = value.array, items.allSatisfy({ $0.string != nil }) else {
            throw MCPError(.invalidParams, "\"peerEvents.\(key)\" must be a list of texts.")
        }
        return items.compactMap(\.string)
    }
}
