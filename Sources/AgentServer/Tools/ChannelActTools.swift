import PeerNode
import PeerState

/// Changing channels that are there.
enum ChannelActTools {
    private static func traits(
        _ hints: Tool.Hints, permission: String? = "ManageChannels"
    ) -> Tool.Traits {
        .init(
            scope: .admin, toolsets: [.channels], hints: hints, rate: .administrative,
            permission: permission)
    }

    static let renameChannel = Tool(
        "rename_channel", "Rename channel", "Gives a channel another name.",
        traits([.idempotent, .openWorld]),
        output: Tool.Field.mutation + [.init("channel_id"), .init("name")],
        .channel("channel"), .text("name", bytes: 1...100)
    ) { call, address, name in
        try NameRule.check(name, "name")
        let channel = try await call.channel(address)
        let outcome = try await call.port.perform(
            .channel(.rename(channel.id, name: name), in: channel.server))
        return Mutation.result(outcome, shown(outcome, ["name": named(name)]))
    }

    static let deleteChannel = Tool(
        "delete_channel", "Delete channel",
        "Takes a channel and all its messages away from everyone, for good.",
        traits([.destructive, .idempotent, .openWorld]),
        output: Tool.Field.mutation + [.init("channel_id"), .init("messages_hidden", .integer)],
        .channel("name", "#name, server/#name or id."), .confirm
    ) { call, address, confirm in
        let channel = try await call.channel(address)
        try call.needConsent(
            confirm,
            "This would delete channel \"\(Sanitiser.name(channel.name))\" (\(channel.id.hex)) "
                + "and its \(channel.channelSeq) messages for everyone; it cannot be undone.")
        let outcome = try await call.port.perform(
            .channel(.delete(channel.id), in: channel.server))
        return Mutation.result(
            outcome, shown(outcome, ["messages_hidden": JSON(channel.channelSeq)]))
    }

    static let setChannelTopic = Tool(
        "set_channel_topic", "Set channel topic", "Says what a channel is about.",
        traits([.idempotent, .openWorld]),
        output: Tool.Field.mutation + [.init("channel_id"), .init("topic")],
        .channel("channel"), .text("topic", bytes: 0...500)
    ) { call, address, topic in
        let channel = try await call.channel(address)
        let outcome = try await call.port.perform(
            .channel(.setTopic(channel.id, topic: topic), in: channel.server))
        return Mutation.result(
            outcome, shown(outcome, ["topic": .string(Sanitiser.name(topic, 500))]))
    }

    static let rotateKey = Tool(
        "rotate_key", "Rotate channel key",
        "Makes a new key for those who may read the channel now.",
        traits([.openWorld], permission: "SendMessages"),
        output: Tool.Field.mutation + [.init("channel_id"), .init("epoch")],
        .channel("channel"), .reason(atMost: 200)
    ) { call, address, reason in
        guard reason == nil || reason == "device_lost" || reason == "other" else {
            throw ToolRefusal.invalid("reason", "must be device_lost or other.")
        }
        let channel = try await call.channel(address)
        let outcome = try await call.port.perform(
            .channel(.rotateKey(channel.id), in: channel.server))
        var extra = shown(outcome)
        if let epoch = outcome.event { extra.append("epoch", .string(epoch.hex)) }
        return Mutation.result(outcome, extra)
    }

    private static func named(_ name: String) -> JSON { .string(Sanitiser.channel(name)) }

    private static func shown(_ outcome: Outcome, _ more: JSONObject = [:]) -> JSONObject {
        var extra = JSONObject()
        if let channel = outcome.channel { extra.append("channel_id", .string(channel.hex)) }
        for member in more.members { extra[member.key] = member.value }
        return extra
    }
}
