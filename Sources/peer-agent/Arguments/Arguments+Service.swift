import AgentServer
import PeerNode
import PeerState

/// The values of `run` that have a type of their own.
extension Arguments {
    func logLevel() throws(CLIFailure) -> Log.Level {
        try choice(.logLevel, Log.Level.allCases.map { (String(describing: $0), $0) }) ?? .info
    }

    /// What a node is started with.
    func nodeOptions(_ path: String) throws(CLIFailure) -> NodeOptions {
        var options = NodeOptions(dataDirectory: path)
        options.log = try log()
        options.displayName = try displayName()
        options.network = try name(.network) ?? options.network
        if let listen = self[.listen] { options.listen = listen == "none" ? nil : listen }
        options.peers = all(.peer)
        options.invite = self[.invite]
        options.identity = try identityPath(path)
        try storing(&options)
        try reach(&options)
        options.overridesRecovery = contains(.overrideRecovery)
        #if DEBUG
            options.keepsRowsWrong = Invocation.environment("PEER_TEST_WRONG_ROWS") != nil
        #endif
        return options
    }

    /// - Errors: `usage` for what can be nobody's name.
    func displayName() throws(CLIFailure) -> String? {
        guard let text = try name(.name) else { return nil }
        do {
            try TextRule.name.check(text, Flag.name.spelled)
        } catch {
            throw CLIFailure(.usage, error.detail)
        }
        return text
    }

    /// - Errors: `usage` for a name that is empty or longer than the configuration file takes.
    func name(_ flag: Flag) throws(CLIFailure) -> String? {
        guard let text = self[flag] else { return nil }
        guard (1...Limits.shownName).contains(text.utf8.count) else {
            throw refusal(
                of: flag, text,
                "it takes 1 to \(Limits.shownName) bytes, not \(text.utf8.count)")
        }
        return text
    }

    func log() throws(CLIFailure) -> Log {
        let isJSON = try choice(.logFormat, [("text", false), ("json", true)]) ?? false
        return isJSON ? JSONLog.log(try logLevel()) : Log(level: try logLevel())
    }

    func agentConfiguration() throws(CLIFailure) -> AgentServerConfiguration {
        var configuration = AgentServerConfiguration(version: Invocation.version)
        configuration.tools = try tools()
        configuration.toolsets = try toolsets()
        configuration.resources = list(.resources).map(Set.init)
        let scopes: [(String, Scope?)] =
            Scope.allCases.map { ($0.rawValue, $0) } + [("read", .readOnly), ("custom", nil)]
        switch try choice(.scope, scopes) {
        case .some(nil): try makeCustom(&configuration)
        case let scope:
            if case .some(let scope?) = scope { configuration.scope = scope }
            // Tools that are named come besides the toolsets, also the usual ones (MCP 3.6).
            if configuration.tools != nil && configuration.toolsets == nil {
                configuration.toolsets = Toolset.listed(by: configuration.scope)
            }
        }
        let consents = Consent.allCases.map { ($0.rawValue, $0) }
        configuration.consent = try choice(.consent, consents) ?? configuration.consent
        configuration.channels = ChannelRules(
            allow: list(.channels), deny: list(.deny) ?? [], direct: !contains(.noDirect))
        configuration.pushFrom = Set(all(.pushFrom).map { $0.lowercased() })
        for kind in all(.push) {
            guard kind == "claude-channel" else {
                throw refusal(of: .push, kind, "it can be claude-channel")
            }
            configuration.pushes = true
        }
        if let text = self[.maxFile] { try apply(maxFile: text, to: &configuration) }
        for limit in all(.limit) { try apply(limit, to: &configuration) }
        return configuration
    }

    /// What the agent on standard input says of itself to a node that already runs.
    func hello(_ agent: AgentServerConfiguration) throws(CLIFailure) -> HelloLine {
        var hello = HelloLine(label: "stdio")
        hello.scope = agent.scope.rawValue
        hello.toolsets = agent.toolsets.map { $0.map(\.rawValue).sorted() }
        hello.tools = agent.tools?.sorted()
        hello.resources = agent.resources?.sorted()
        hello.pushes = agent.pushes
        hello.pushFrom = agent.pushFrom.sorted()
        hello.consent = agent.consent.rawValue
        hello.channels = agent.channels
        return hello
    }

    /// Exactly the named tools and resources; the rank is that of the strongest tool (MCP 9.1).
    private func makeCustom(
        _ configuration: inout AgentServerConfiguration
    ) throws(CLIFailure) {
        guard let tools = configuration.tools, configuration.toolsets == nil else {
            throw CLIFailure(.usage, "--scope custom needs --tools, and no --toolsets")
        }
        configuration.scope = MCPToolCatalog.scope(of: tools)
        if !contains(.resources) { configuration.resources = [] }
    }

    func transports() throws(CLIFailure) -> Set<Service.Transport> {
        var result: Set<Service.Transport> = []
        let words = all(.transport)
        for word in words.isEmpty ? ["stdio"] : words {
            switch word {
            case "stdio": result.insert(.stdio)
            case "http": result.insert(.http)
            case "none" where words.count == 1: break
            default:
                throw refusal(of: .transport, word, "it can be stdio, http or none")
            }
        }
        return result
    }

    /// What a new token, or the agent on standard input, may do.
    func grant() throws(CLIFailure) -> TokenGrant {
        let configuration = try agentConfiguration()
        var grant = TokenGrant(
            scope: configuration.scope, toolsets: configuration.toolsets,
            tools: configuration.tools,
            channels: configuration.channels, consent: configuration.consent)
        grant.resources = configuration.resources
        grant.pushFrom = configuration.pushFrom
        grant.lockdown = contains(.lockdown)
        return grant
    }

    private func toolsets() throws(CLIFailure) -> Set<Toolset>? {
        guard let names = list(.toolsets) else { return nil }
        var result: Set<Toolset> = []
        for name in names {
            guard let toolset = Toolset(rawValue: name) else {
                throw unknown(name, in: .toolsets, Toolset.allCases.map(\.rawValue))
            }
            result.insert(toolset)
        }
        return result
    }

    private func tools() throws(CLIFailure) -> Set<String>? {
        guard let names = list(.tools) else { return nil }
        if let name = names.first(where: { !MCPToolCatalog.has($0) }) {
            throw unknown(name, in: .tools, MCPToolCatalog.tools.map(\.name))
        }
        return Set(names)
    }

    /// - Parameter limit: `KIND=PER_MINUTE`, `KIND=PER_MINUTE/BURST` or `NAME=N`.
    private func apply(
        _ limit: String, to configuration: inout AgentServerConfiguration
    ) throws(CLIFailure) {
        if try applyBound(limit, to: &configuration) { return }
        let parts = limit.split(separator: "=", omittingEmptySubsequences: false)
        let numbers = parts.last?.split(separator: "/").map { UInt64($0) } ?? []
        let kind = RateClass.allCases.first { $0.setting.map { $0[...] } == parts.first }
        guard parts.count == 2, let kind,
            (1...2).contains(numbers.count), let perMinute = numbers[0],
            let burst = numbers.count == 2 ? numbers[1] : max(1, perMinute / 3),
            perMinute <= Self.rateMax, (1...Self.rateMax).contains(burst)
        else {
            throw refusal(
                of: .limit, limit,
                "write posting=60/20, or posting=0; kinds are "
                    + RateClass.allCases.compactMap(\.setting).joined(separator: ", "))
        }
        configuration.rates[kind] = Rate(perMinute: perMinute, burst: burst)
    }

    /// - Returns: whether it names a bound of MCP 14.
    private func applyBound(
        _ text: String, to configuration: inout AgentServerConfiguration
    ) throws(CLIFailure) -> Bool {
        let parts = text.split(separator: "=", maxSplits: 1)
        guard let limit = parts.first.flatMap({ OperatorLimit.named(String($0)) }) else {
            return false
        }
        let most = limit.range(knowing: true).upperBound
        guard parts.count == 2, let value = Int(parts[1]), (1...most).contains(value) else {
            throw refusal(of: .limit, text, "\(limit.name) can be 1 to \(most)")
        }
        guard limit.range(knowing: contains(.iKnow)).contains(value) else {
            throw refusal(
                of: .limit, text,
                "\(limit.name) is \(value), more than 8 times the usual \(limit.usual): others "
                    + "could make this node use that much; --i-know allows it")
        }
        configuration.bounds[limit] = value
        if limit == .fileSize { admitFiles(of: value, to: &configuration) }
        return true
    }

    /// A larger file may also be handed over at once.
    private func admitFiles(
        of bytes: Int, to configuration: inout AgentServerConfiguration
    ) {
        let usual = configuration.rates[.fileBytes] ?? Rate(perMinute: 5_120, burst: 0)
        let burst = max(usual.burst, UInt64(bytes >> 20 + 1) << 10)
        configuration.rates[.fileBytes] = Rate(perMinute: usual.perMinute, burst: burst)
    }

    /// The same as `--limit file.size=…`, in MiB.
    private func apply(
        maxFile text: String, to configuration: inout AgentServerConfiguration
    ) throws(CLIFailure) {
        guard let mebibytes = Int(text), (1...Limits.maxFile >> 20).contains(mebibytes) else {
            throw refusal(of: .maxFile, text, "write 1 to 256, in MiB")
        }
        configuration.fileSize = mebibytes << 20
        admitFiles(of: mebibytes << 20, to: &configuration)
    }

    private static var rateMax: UInt64 { 1_000_000 }
}
