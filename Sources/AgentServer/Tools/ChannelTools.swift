import PeerNode
import PeerState

/// Making channels and choosing the current one.
enum ChannelTools {
    static let createChannel = Tool(
        "create_channel", "Create channel",
        "Creates a text channel; with roles, only their holders read it.",
        .init(
            scope: .admin, toolsets: [.channels], hints: [.openWorld], rate: .administrative,
            permission: "ManageChannels"),
        output: Tool.Field.mutation + [
            .init("channel_id"), .init("name"), .init("channel"),
        ],
        .text("name", bytes: 1...100), .optionalServer, .roles(), .history,
        .text("topic", default: "", atMost: 500),
        .time("idle", "Archives after that long without messages: 1h to 90d.")
    ) { call, name, address, roles, sharesHistory, topic, idle in
        try NameRule.check(name, "name")
        let server = try await call.server(address)
        var plan = ChannelPlan(name: name)
        plan.topic = topic
        plan.sharesHistory = sharesHistory
        plan.readers = try await call.readers(roles, in: server)
        if let idle {
            guard case .distance(let milliseconds) = idle else {
                throw ToolRefusal.invalid("idle", "must be a distance like 12h or 30d.")
            }
            plan.idleMilliseconds = milliseconds
        }
        return try await open(plan, in: server, call)
    }

    static let createVoiceChannel = Tool(
        "create_voice_channel", "Create voice channel",
        "Creates a voice channel; with roles, only their holders join it.",
        .init(
            scope: .admin, toolsets: [.channels], hints: [.openWorld], rate: .administrative,
            permission: "ManageChannels"),
        output: Tool.Field.mutation + [.init("channel_id"), .init("name")],
        .text("name", bytes: 1...100), .optionalServer, .roles()
    ) { call, name, address, roles in
        try NameRule.check(name, "name")
        let server = try await call.server(address)
        var plan = ChannelPlan(name: name)
        plan.isVoice = true
        plan.readers = try await call.readers(roles, in: server)
        return try await open(plan, in: server, call)
    }

    private static func open(
        _ plan: ChannelPlan, in server: ServerSnapshot, _ call: ToolCall
    ) async throws -> ToolResult {
        let outcome = try await call.port.perform(.channel(.create(plan), in: server.id))
        var extra = JSONObject()
        if let channel = outcome.channel { extra.append("channel_id", .string(channel.hex)) }
        extra.append("name", .string(Sanitiser.channel(plan.name)))
        if !plan.isVoice { extra.append("channel", .string(Sanitiser.channel(plan.name))) }
        return Mutation.result(outcome, extra)
    }

    static let switchChannel = Tool(
        "switch_channel", "Switch channel",
        "Makes a channel, and its server, the ones that are meant when none is named.",
        .init(
            scope: .messaging, toolsets: [.channels], hints: [.idempotent],
            rate: .administrative),
        output: [.init("outcome"), .init("server_id"), .init("channel"), .init("channel_id")],
        .channel("name", "#name, server/#name or id.")
    ) { call, address in
        let channel = try await call.channel(address)
        let current = await call.port.current(of: call.principal)
        let isSame = current.server == channel.server && current.channel == channel.id
        if !isSame {
            try await call.port.setCurrent(
                of: call.principal, server: channel.server, channel: channel.id)
        }
        return ToolResult([
            "outcome": isSame ? "unchanged" : "applied",
            "server_id": .string(channel.server.hex),
            "channel": .string(Sanitiser.channel(channel.name)),
            "channel_id": .string(channel.id.hex),
        ])
    }
}

extension ToolCall {
    /// The readers of a new channel; `nil` = every member.
    fileprivate func readers(
        _ roles: [EventAddress]?, in server: ServerSnapshot
    ) async throws -> [Event.ID]? {
        guard let roles, !roles.isEmpty else { return nil }
        return try await roleIDs(roles, in: server)
    }
}

extension Parameter where Value == Bool {
    /// Whether newcomers are given what was said before them.
    fileprivate static var history: Self {
        let words = ["all", "since_join"]
        let schema: JSONObject = ["type": "string", "enum": JSON(words), "default": "all"]
        return Parameter("history", schema, isRequired: false, summary: nil) { given in
            guard let given else { return true }
            guard let word = given.string, words.contains(word) else {
                throw ToolRefusal.invalid("history", "must be all or since_join.")
            }
            return word == "all"
        }
    }
}
