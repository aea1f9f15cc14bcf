import PeerNode
import PeerState

/// Making channels and choosing the current one.
enum ChannelTools {
    static let createChannel = Tool(
        "create_channel", "Create channel", "Creates a text channel that every member reads.",
        .init(
            scope: .admin, toolsets: [.channels], hints: [.openWorld], rate: .administrative,
            permission: "ManageChannels"),
        output: Tool.Field.mutation + [
            .init("channel_id"), .init("name"), .init("channel"),
        ],
        .text("name", bytes: 1...100),
        .optionalServer,
        .text("topic", default: "", atMost: 500)
    ) { call, name, address, topic in
        try NameRule.check(name, "name")
        let server = try await call.server(address)
        let outcome = try await call.port.perform(
            .createChannel(server: server.id, name: name, topic: topic))
        var extra = JSONObject()
        if let channel = outcome.channel { extra.append("channel_id", .string(channel.hex)) }
        extra.append("name", .string(Sanitiser.name(name, 100)))
        extra.append("channel", .string(Sanitiser.name(name)))
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
            "channel": .string(Sanitiser.name(channel.name)),
            "channel_id": .string(channel.id.hex),
        ])
    }
}
