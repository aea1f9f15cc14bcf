import PeerNode
import PeerState

/// Who reads a channel, whether it lives, and whether it counts here.
enum ChannelAccessTools {
    private static func traits(
        _ hints: Tool.Hints, _ permission: String, scope: Scope = .admin
    ) -> Tool.Traits {
        .init(
            scope: scope, toolsets: [.channels], hints: hints, rate: .administrative,
            permission: permission)
    }

    static let setChannelAccess = Tool(
        "set_channel_access", "Set channel access",
        "Lets only holders of these roles read a channel, or every member again.",
        traits([.destructive, .idempotent, .openWorld], "ManageChannels"),
        output: Tool.Field.mutation + [
            .init("channel_id"), .init("roles", .array), .init("keys_rotated", .array),
        ],
        .channel("channel"), .roles(isRequired: true), .confirm
    ) { call, address, roles, confirm in
        let channel = try await call.channel(address)
        let server = try await call.server(of: channel)
        let ids = try await call.roleIDs(roles ?? [], in: server)
        let who =
            ids.isEmpty
            ? "every member" : "only the holders of \(ids.count) role\(ids.count == 1 ? "" : "s")"
        try call.needConsent(
            confirm,
            "This would let \(who) read channel \"\(Sanitiser.name(channel.name))\" "
                + "(\(channel.id.hex)); what was read before stays with those who read it.")
        let outcome = try await call.port.perform(
            .channel(.setReaders(channel.id, ids.isEmpty ? nil : ids), in: channel.server))
        return Mutation.result(
            outcome,
            [
                "channel_id": .string(channel.id.hex), "roles": JSON(ids.map(\.hex)),
                "keys_rotated": JSON(outcome.rotated.map(\.hex)),
            ])
    }

    static let reviveChannel = Tool(
        "revive_channel", "Revive channel",
        "Makes a channel that went quiet active again.",
        traits([.idempotent, .openWorld], "SendMessages", scope: .messaging),
        output: Tool.Field.mutation + [.init("channel_id"), .init("state")],
        .channel("channel")
    ) { call, address in
        let channel = try await call.channel(address)
        let outcome = try await call.port.perform(
            .channel(.revive(channel.id), in: channel.server))
        return Mutation.result(
            outcome,
            [
                "channel_id": .string(channel.id.hex),
                "state": .string(outcome.idleState ?? "active"),
            ])
    }

    static let shareHistory = Tool(
        "share_history", "Share history",
        "Hands a reader the keys of earlier messages, for all to see.",
        traits([.openWorld], "SendMessages"),
        output: Tool.Field.mutation + [.init("channel_id"), .init("epochs", .integer)],
        .channel("channel"), .peer("peer_id"), .time("since", "Like 3d; without it, all.")
    ) { call, address, peer, since in
        let channel = try await call.channel(address)
        let now = since == nil ? 0 : await call.port.wallMilliseconds()
        let outcome = try await call.port.perform(
            .channel(
                .shareHistory(channel.id, with: peer, since: since?.before(now)),
                in: channel.server))
        return Mutation.result(
            outcome,
            ["channel_id": .string(channel.id.hex), "epochs": JSON(outcome.epochs ?? 0)])
    }

    static let mute = Tool(
        "mute", "Mute",
        "Leaves a channel or a server out of this client's unread counts, mentions excepted.",
        .init(
            scope: .messaging, toolsets: [.channels], hints: [.idempotent],
            rate: .administrative),
        output: [.init("outcome"), .init("muted", .boolean), .init("until")],
        .requiredFlag("muted"), .optionalChannel("channel"), .optionalServer,
        .time("until", "Like 8h, or ISO 8601.")
    ) { call, isMuted, channelAddress, serverAddress, until in
        let subject: MuteSubject
        switch (channelAddress, serverAddress) {
        case (let address?, nil):
            let channel = try await call.channel(address)
            subject = .channel(channel.id, in: channel.server)
        case (nil, let address?): subject = .server(try await call.server(address).id)
        default: throw ToolRefusal.invalid("channel", "give exactly one of channel and server.")
        }
        let now = await call.port.wallMilliseconds()
        let mute = isMuted ? Mute(untilMilliseconds: until?.after(now)) : nil
        let present = await call.port.mutes(of: call.principal)[subject]
        if present != mute { try await call.port.setMute(subject, mute, of: call.principal) }
        var object: JSONObject = [
            "outcome": present == mute ? "unchanged" : "applied", "muted": .bool(isMuted),
        ]
        if let end = mute?.untilMilliseconds {
            object.append("until", .string(Calendar.seconds(end)))
        }
        return ToolResult(object)
    }
}

extension ToolCall {
    func server(of channel: ChannelSnapshot) async throws -> ServerSnapshot {
        guard let server = await port.servers().first(where: { $0.id == channel.server }) else {
            throw ToolRefusal(.unknownServer, "The server of that channel is gone.")
        }
        return server
    }

    /// - Errors: `unknown_role`, `ambiguous_id`.
    func roleIDs(
        _ addresses: [EventAddress], in server: ServerSnapshot
    ) async throws -> [Event.ID] {
        var ids: [Event.ID] = []
        for address in addresses { ids.append(try await role(address, in: server).id) }
        return ids
    }
}

extension Parameter where Value == [EventAddress]? {
    /// Roles by id; at most as many as a reader rule names.
    static func roles(isRequired: Bool = false) -> Self {
        let schema: JSONObject = [
            "type": "array", "items": ["type": "string"],
            "maxItems": JSON(ChannelCreated.readersMax),
        ]
        return Parameter("roles", schema, isRequired: isRequired, summary: "Role ids.") { given in
            guard let given else { return nil }
            return try ArgumentReading.texts(given, "roles", atMost: ChannelCreated.readersMax)
                .map { try EventAddress(.string($0), "roles") }
        }
    }
}
