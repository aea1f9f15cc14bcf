/// What a token lets its bearer do.
///
/// - Source: MCP 9.1.
package struct TokenGrant: Hashable, Sendable {
    package var scope: Scope
    /// `nil` = those of the scope.
    package var toolsets: Set<Toolset>?
    /// Tools named besides the toolsets, or exactly those where no toolset is named.
    package var tools: Set<String>?
    package var channels: ChannelRules
    package var consent: Consent
    /// Peers whose mentions may interrupt, besides those that were verified.
    package var pushFrom: Set<String> = []
    /// Resource addresses and templates that exist for it; `nil` = those of the scope.
    package var resources: Set<String>?
    /// Whether texts of authors that nobody here has verified are withheld.
    package var lockdown = false

    package init(
        scope: Scope, toolsets: Set<Toolset>? = nil, tools: Set<String>? = nil,
        channels: ChannelRules = ChannelRules(), consent: Consent = .confirm
    ) {
        self.scope = scope
        self.toolsets = toolsets
        self.tools = tools
        self.channels = channels
        self.consent = consent
    }

    package func access(principal: String) -> Access {
        var access = Access(
            principal: principal, scope: scope, toolsets: toolsets, tools: tools,
            consent: consent, channels: channels)
        access.pushFrom = pushFrom
        access.resources = resources
        access.lockdown = lockdown
        return access
    }

    /// Exactly the named tools and resources; the scope is the rank of the strongest tool.
    package var isCustom: Bool { tools != nil && toolsets == nil && resources != nil }

    private static let custom = "custom"

    private static func scope(_ object: JSONObject) -> Scope? {
        guard let word = object["scope"]?.string else { return nil }
        guard word == custom else { return Scope(rawValue: word) }
        return MCPToolCatalog.scope(of: Set(object["tools"]?.array?.compactMap(\.string) ?? []))
    }

    package var json: JSONObject {
        var object: JSONObject = ["scope": .string(isCustom ? Self.custom : scope.rawValue)]
        if let toolsets { object.append("toolsets", JSON(toolsets.map(\.rawValue).sorted())) }
        if let tools { object.append("tools", JSON(tools.sorted())) }
        if channels != ChannelRules() { object.append("channels", .object(channels.json)) }
        object.append("consent", .string(consent.rawValue))
        if !pushFrom.isEmpty { object.append("push_from", JSON(pushFrom.sorted())) }
        if let resources { object.append("resources", JSON(resources.sorted())) }
        if lockdown { object.append("lockdown", true) }
        return object
    }

    /// Returns `nil` for what `json` never writes.
    package init?(_ object: JSONObject) {
        guard let scope = Self.scope(object),
            let consent = (object["consent"] ?? "confirm").string.flatMap(Consent.init(rawValue:))
        else { return nil }
        self.init(scope: scope, consent: consent)
        if let names = object["toolsets"] {
            guard let names = names.array else { return nil }
            let toolsets = names.compactMap { $0.string.flatMap(Toolset.init(rawValue:)) }
            guard toolsets.count == names.count else { return nil }
            self.toolsets = Set(toolsets)
        }
        if let names = object["tools"] {
            guard let names = names.array else { return nil }
            tools = Set(names.compactMap(\.string))
        }
        lockdown = object["lockdown"]?.bool ?? false
        pushFrom = Set(object["push_from"]?.array?.compactMap(\.string) ?? [])
        if let uris = object["resources"] {
            guard let uris = uris.array else { return nil }
            resources = Set(uris.compactMap(\.string))
        }
        if let rules = object["channels"] {
            guard let rules = rules.object.flatMap(ChannelRules.init) else { return nil }
            channels = rules
        }
    }
}
