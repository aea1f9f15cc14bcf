import AgentServer
import PeerNet
import PeerState

/// One entry of the configuration file: its name, what it may hold, and the flag it stands for.
///
/// - Source: MCP 16.5.
struct ConfigurationEntry: Sendable {
    enum Kind: Sendable {
        case text(maxBytes: Int)
        case choice([String])
        case address
        case list
        /// Joined with commas, for flags that take them so.
        case joined
        case flag
        /// A flag that says the opposite.
        case inverse
        /// A text, or null for none.
        case optional(maxBytes: Int)
        /// Calls a minute, and at once.
        case rate
        /// One number.
        case bound(OperatorLimit)
    }

    /// With dots, such as `mcp.bind`.
    let path: String
    /// The flag with the same meaning; there may be none in this version.
    let flag: String
    let kind: Kind
    /// What holds when nobody says anything.
    let usual: String

    private init(_ path: String, _ flag: String, _ kind: Kind, _ usual: String = "none") {
        self.path = path
        self.flag = flag
        self.kind = kind
        self.usual = usual
    }

    static let all: [ConfigurationEntry] = settings + rates + bounds

    private static let rates: [ConfigurationEntry] = RateClass.allCases.compactMap { kind in
        guard let name = kind.setting, let usual = RateLimiter.defaults[kind] else { return nil }
        return ConfigurationEntry(
            "limits.\(name)", "limit", .rate, "\(usual.perMinute)/\(usual.burst)")
    }

    private static let bounds = OperatorLimit.allCases.map {
        ConfigurationEntry("limits.\($0.name)", "limit", .bound($0), "\($0.usual)")
    }.sorted { $0.path < $1.path }

    private static let settings: [ConfigurationEntry] = [
        .init("name", "name", .text(maxBytes: 64), "Agent"),
        .init("identity", "identity", .text(maxBytes: 4_096), "identity"),
        .init("network", "network", .text(maxBytes: 64), "main"),
        .init("listen", "listen", .address, "0.0.0.0:0"),
        .init("peers", "peer", .list),
        .init("relays", "relay", .list),
        .init("mcp.transport", "transport", .list, "stdio"),
        .init("mcp.bind", "bind", .address, "127.0.0.1:9100"),
        .init("mcp.token_file", "token-file", .text(maxBytes: 4_096), "token"),
        .init("mcp.allow_remote", "allow-remote", .flag, "false"),
        .init(
            "mcp.scope", "scope", .choice(Scope.allCases.map(\.rawValue) + ["custom"]),
            "messaging"),
        .init("mcp.toolsets", "toolsets", .joined, "by scope"),
        .init("mcp.tools", "tools", .joined, "by scope"),
        .init("mcp.channels.allow", "channels", .joined, "all"),
        .init("mcp.channels.deny", "deny", .joined),
        .init("mcp.channels.direct", "no-direct", .inverse, "true"),
        .init("mcp.consent", "consent", .choice(Consent.allCases.map(\.rawValue)), "confirm"),
        .init("mcp.push", "push", .list),
        .init("http.allowed_hosts", "allowed-host", .list, "loopback"),
        .init("http.allowed_origins", "allowed-origin", .list, "loopback"),
        .init("auth.issuer", "auth-issuer", .optional(maxBytes: 2_048)),
        .init("auth.jwks_file", "auth-jwks-file", .optional(maxBytes: 4_096)),
        .init("auth.resource", "auth-resource", .optional(maxBytes: 2_048), "by host"),
        .init("log.level", "log-level", .choice(Log.Level.allCases.map { "\($0)" }), "info"),
        .init("log.format", "log-format", .choice(["text", "json"]), "text"),
    ]

    /// The values of the flag.
    ///
    /// - Errors: what would be acceptable, in words.
    func values(_ json: JSON) throws(ConfigurationProblem) -> [String] {
        switch kind {
        case .text(let maxBytes):
            guard let text = json.string, (1...maxBytes).contains(text.utf8.count) else {
                throw ConfigurationProblem("a text of 1 to \(maxBytes) bytes")
            }
            return [text]
        case .optional(let maxBytes):
            if json == .null { return [] }
            guard let text = json.string, (1...maxBytes).contains(text.utf8.count) else {
                throw ConfigurationProblem("a text of 1 to \(maxBytes) bytes, or null")
            }
            return [text]
        case .choice(let words):
            guard let word = json.string, words.contains(word) else {
                throw ConfigurationProblem("one of " + words.joined(separator: ", "))
            }
            return [word]
        case .address:
            guard let text = json.string, text == "none" || Address(listening: text) != nil else {
                throw ConfigurationProblem("HOST:PORT" + (flag == "listen" ? " or none" : ""))
            }
            return [text]
        case .list: return try Self.texts(json)
        case .joined:
            let texts = try Self.texts(json)
            return texts.isEmpty ? [] : [texts.joined(separator: ",")]
        case .flag:
            guard let flag = json.bool else { throw ConfigurationProblem("true or false") }
            return flag ? [""] : []
        case .inverse:
            guard let flag = json.bool else { throw ConfigurationProblem("true or false") }
            return flag ? [] : [""]
        case .rate: return [try rate(json)]
        case .bound(let limit):
            let range = limit.range(knowing: true)
            guard let number = json.integer, range.contains(Int(number)) else {
                throw ConfigurationProblem("a number from 1 to \(range.upperBound)")
            }
            return ["\(limit.name)=\(number)"]
        }
    }

    private static func texts(_ json: JSON) throws(ConfigurationProblem) -> [String] {
        guard let items = json.array, items.count <= 1_000 else {
            throw ConfigurationProblem("a list of texts, such as [\"a\", \"b\"]")
        }
        var result: [String] = []
        for item in items {
            guard let text = item.string, !text.isEmpty, text.utf8.count <= 4_096 else {
                throw ConfigurationProblem("a list of texts, such as [\"a\", \"b\"]")
            }
            result.append(text)
        }
        return result
    }

    /// What the flag `--limit` calls it.
    var limitName: Substring { path.dropFirst("limits.".count) }

    private func rate(_ json: JSON) throws(ConfigurationProblem) -> String {
        let wanted = ConfigurationProblem("{ \"per_min\": 60, \"burst\": 20 }, from 0 to 1000000")
        guard let object = json.object, let perMinute = object["per_min"]?.integer,
            (0...1_000_000).contains(perMinute),
            object.members.allSatisfy({ ["per_min", "burst"].contains($0.key) })
        else { throw wanted }
        let kind = limitName
        guard let burst = object["burst"] else { return "\(kind)=\(perMinute)" }
        guard let number = burst.integer, (1...1_000_000).contains(number) else { throw wanted }
        return "\(kind)=\(perMinute)/\(number)"
    }
}

/// What would have been acceptable in an entry of the configuration file.
struct ConfigurationProblem: Error {
    let wanted: String

    init(_ wanted: String) {
        self.wanted = wanted
    }
}
