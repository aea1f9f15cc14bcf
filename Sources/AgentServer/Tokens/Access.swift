/// What one principal may see and call.
package struct Access: Hashable, Sendable {
    package var principal: String
    package var scope: Scope
    /// `nil` = those of the scope.
    package var toolsets: Set<Toolset>?
    /// Tools named besides the toolsets.
    package var tools: Set<String>?
    package var consent: Consent
    package var channels: ChannelRules
    /// Whether a pipe is sent `claude/channel` envelopes (MCP 6.6).
    package var pushes = false
    /// Peers whose mentions may interrupt, as 64 hexadecimal digits.
    package var pushFrom: Set<String> = []
    /// Resource addresses and templates that exist for it; `nil` = those of its scope.
    package var resources: Set<String>?
    /// Whether texts of authors that nobody here has verified are withheld.
    package var lockdown = false
    /// The scopes that an external issuer gave; `nil` = the rights are of this node's own making.
    package var issuedScopes: Set<Scope>?

    package init(
        principal: String, scope: Scope, toolsets: Set<Toolset>? = nil,
        tools: Set<String>? = nil, consent: Consent = .confirm,
        channels: ChannelRules = ChannelRules()
    ) {
        self.principal = principal
        self.scope = scope
        self.toolsets = toolsets
        self.tools = tools
        self.consent = consent
        self.channels = channels
    }

    /// Of a token that is none any more.
    static func nothing(principal: String) -> Access {
        var access = Access(principal: principal, scope: .readOnly, toolsets: [], tools: [])
        access.resources = []
        return access
    }

    /// Visible = callable: the scope allows it, and a listed toolset or its name does too.
    func admits(_ tool: Tool) -> Bool {
        guard tool.scope <= scope else { return false }
        if let tools, tools.contains(tool.name) { return true }
        // Tools named and no toolset listed: exactly those tools.
        if toolsets == nil && tools != nil { return false }
        let listed = toolsets ?? Toolset.listed(by: scope)
        return !tool.toolsets.isDisjoint(with: listed)
    }
}
