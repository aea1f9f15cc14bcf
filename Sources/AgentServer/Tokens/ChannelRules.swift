/// Which channels exist for a principal; one that is not allowed shows nowhere.
///
/// - Source: MCP 9.1. Patterns are channel addresses or `server/*`; a denial wins.
package struct ChannelRules: Hashable, Sendable {
    /// `nil` = every channel.
    package var allow: [String]?
    package var deny: [String]
    /// Whether direct messages are allowed.
    package var direct: Bool

    package init(allow: [String]? = nil, deny: [String] = [], direct: Bool = true) {
        self.allow = allow
        self.deny = deny
        self.direct = direct
    }

    package var admitsEverything: Bool { allow == nil && deny.isEmpty && direct }

    package var json: JSONObject {
        var object = JSONObject()
        if let allow { object.append("allow", JSON(allow)) }
        if !deny.isEmpty { object.append("deny", JSON(deny)) }
        object.append("direct", .bool(direct))
        return object
    }

    package init?(_ object: JSONObject) {
        self.init()
        if let allow = object["allow"] {
            guard let items = allow.array else { return nil }
            self.allow = items.compactMap(\.string)
        }
        if let deny = object["deny"] {
            guard let items = deny.array else { return nil }
            self.deny = items.compactMap(\.string)
        }
        if let direct = object["direct"] {
            guard let flag = direct.bool else { return nil }
            self.direct = flag
        }
    }

    /// Whether a channel of a group exists for the principal.
    ///
    /// - Parameters: ids as 64 hexadecimal digits.
    func admits(server: (id: String, name: String), channel: (id: String, name: String)) -> Bool {
        if denies(server: server, channel: channel) { return false }
        guard let allow else { return true }
        return allow.contains { Self.matches($0, server, channel) }
    }

    func denies(server: (id: String, name: String), channel: (id: String, name: String)) -> Bool {
        deny.contains { Self.matches($0, server, channel) }
    }

    private static func matches(
        _ pattern: String, _ server: (id: String, name: String),
        _ channel: (id: String, name: String)
    ) -> Bool {
        if isChannel(pattern[...], channel) { return true }
        for slash in pattern.indices where pattern[slash] == "/" {
            let place = pattern[..<slash]
            let rest = pattern[pattern.index(after: slash)...]
            guard names(place, server.id) || place == server.name else { continue }
            if rest == "*" || isChannel(rest, channel) { return true }
        }
        return false
    }

    private static func isChannel(
        _ text: Substring, _ channel: (id: String, name: String)
    ) -> Bool {
        text == channel.name || names(text, channel.id)
            || (text.hasPrefix("#") && text.dropFirst() == channel.name)
    }

    /// An id, or at least 16 digits of its beginning.
    private static func names(_ text: Substring, _ id: String) -> Bool {
        text.utf8.count >= 16 && id.hasPrefix(text)
    }
}
