import PeerNode
package import PeerState

/// What the program decides about the agent's side before it starts.
package struct AgentServerConfiguration: Sendable {
    package var version: String
    package var scope: Scope
    /// `nil` = those of the scope.
    package var toolsets: Set<Toolset>?
    package var tools: Set<String>?
    package var consent: Consent
    package var channels = ChannelRules()
    /// A kind of call that is not named is never limited.
    package var rates: [RateClass: Rate]
    /// Whether the client on standard input is sent `claude/channel` envelopes (MCP 6.6).
    package var pushes = false
    /// Peers whose mentions may interrupt, besides those that were verified.
    package var pushFrom: Set<String> = []
    /// `nil` = those of the scope.
    package var resources: Set<String>?
    /// Bytes of the largest file that is taken from agents; `nil` = `file.size`.
    package var fileSize: Int?
    /// Bounds that differ from the usual ones.
    package var bounds: [OperatorLimit: Int] = [:]

    package init(
        version: String, scope: Scope = .messaging, toolsets: Set<Toolset>? = nil,
        tools: Set<String>? = nil, consent: Consent = .confirm,
        rates: [RateClass: Rate] = RateLimiter.defaults
    ) {
        self.version = version
        self.scope = scope
        self.toolsets = toolsets
        self.tools = tools
        self.consent = consent
        self.rates = rates
    }

    /// What the given principal may do under this configuration.
    package func access(principal: String) -> Access {
        var access = Access(
            principal: principal, scope: scope, toolsets: toolsets, tools: tools,
            consent: consent, channels: channels)
        access.pushes = pushes
        access.pushFrom = pushFrom
        access.resources = resources
        return access
    }
}
