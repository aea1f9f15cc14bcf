import PeerNode
import PeerState

/// Reads one resource from the node's views.
struct ResourceReader: Sendable {
    let call: ToolCall

    /// - Errors: `ToolRefusal`, `NodeFailure`.
    func read(_ target: ResourceTarget) async throws -> ResourceContents {
        switch target {
        case .identity: ResourceContents(await identity())
        case .connection: ResourceContents(await connection())
        case .servers: ResourceContents(await servers())
        case .currentServer: ResourceContents(try await currentServer())
        case .channels(let server): ResourceContents(try await channels(server))
        case .members(let server): ResourceContents(try await members(server))
        case .unread: ResourceContents(try await unread())
        case .inbox: ResourceContents(await inbox())
        case .help: ResourceContents(markdown: HelpText.markdown(for: call.access))
        case .messages(let messages): try await self.messages(messages)
        case .message(let address): try await message(address)
        }
    }

    private func identity() async -> JSONObject {
        let hex = call.port.peerID.hex
        let groups = stride(from: 0, to: 32, by: 4).map { start in
            String(hex.dropFirst(start).prefix(4))
        }
        return [
            "peer_id": .string(hex),
            "display_name": .string(Sanitiser.name(await call.port.displayName())),
            "fingerprint": .string(groups.joined(separator: " ")),
        ]
    }

    private func connection() async -> JSONObject {
        let connection = await call.port.connection()
        let peers = connection.links.map { link -> JSON in
            [
                "peer_id": .string(link.peer.hex),
                "display_name": .string(Sanitiser.name(link.displayName)),
                "since": .string(Calendar.seconds(link.sinceMilliseconds)),
            ]
        }
        return [
            "connected": .bool(!peers.isEmpty), "peer_count": JSON(peers.count),
            "typing_peers": [], "peers": .array(peers), "relay": ["status": "off"],
            "queue": .object(connection.queue),
        ]
    }

    private func servers() async -> JSONObject {
        let counts = await call.counts()
        let current = await currentOrNil()
        let servers = await call.port.servers().map { server -> JSON in
            let entries = counts.entries.filter { $0.channel.server == server.id }
            return [
                "id": .string(server.id.hex), "name": .string(Sanitiser.name(server.name, 100)),
                "kind": server.isDirect ? "direct" : "group",
                "current": .bool(server.id == current),
                "unread": JSON(entries.reduce(0) { $0 + $1.unread }),
                "mentions": JSON(entries.reduce(0) { $0 + $1.mentions }),
            ]
        }
        var object: JSONObject = ["servers": .array(servers)]
        let offers = await call.port.offers()
        if !offers.isEmpty { object.append("offers", .array(offers.map(\.json))) }
        return object
    }

    private func currentOrNil() async -> Server.ID? {
        do {
            return try await call.currentServer().id
        } catch {
            return nil  // Having no current server is a fact to show here, not a failure.
        }
    }

    private func currentServer() async throws -> JSONObject {
        let server = try await call.currentServer()
        var object: JSONObject = [
            "id": .string(server.id.hex), "name": .string(Sanitiser.name(server.name, 100)),
        ]
        if let owner = server.owner { object.append("owner", .string(owner.hex)) }
        object.append("admins", JSON(server.admins.map(\.hex)))
        object.append("description", .string(Sanitiser.text(server.description)))
        object.append("display_name", .string(Sanitiser.name(server.displayName)))
        object.append("level", .string(server.level))
        object.append("permissions", JSON(server.permissions))
        object.append("threshold", .string(server.threshold))
        object.append("members", JSON(server.memberCount))
        object.append("created_at", .string(Calendar.seconds(server.createdAtMilliseconds)))
        return object
    }

    private func server(_ text: String?) async throws -> ServerSnapshot {
        try await call.server(text.map { ServerAddress(text: $0, field: "server") })
    }

    private func channels(_ text: String?) async throws -> JSONObject {
        let server = try await server(text)
        let counts = await call.counts()
        let channels = try await call.port.channels(in: server.id).map { channel -> JSON in
            let entry = counts.entries.first { $0.channel.id == channel.id }
            var object: JSONObject = [
                "id": .string(channel.id.hex), "name": .string(Sanitiser.name(channel.name, 100)),
                "kind": channel.isVoice ? "voice" : "text",
                "restricted": .bool(channel.isRestricted), "roles": [],
                "history": .string(channel.history),
                "topic": .string(Sanitiser.name(channel.topic, 500)),
                "channel_seq": JSON(channel.channelSeq), "unread": JSON(entry?.unread ?? 0),
                "mentions": JSON(entry?.mentions ?? 0),
            ]
            if let last = channel.lastAtMilliseconds {
                object.append("last_at", .string(Calendar.seconds(last)))
            }
            return .object(object)
        }
        return ["channels": .array(channels)]
    }

    private func members(_ text: String?) async throws -> JSONObject {
        let server = try await server(text)
        let members = try await call.port.members(in: server.id).map { member -> JSON in
            var object: JSONObject = [
                "peer_id": .string(member.id.hex),
                "display_name": .string(Sanitiser.name(member.displayName)),
                "is_online": .bool(member.isOnline), "level": .string(member.level),
                "roles": [], "agent": .bool(member.isAgent),
                "verified": .bool(member.isVerified),
                "joined_at": .string(Calendar.seconds(member.joinedAtMilliseconds)),
            ]
            if let nickname = member.nickname {
                object.append("nickname", .string(Sanitiser.name(nickname)))
            }
            return .object(object)
        }
        return ["members": .array(members)]
    }

    private func unread() async throws -> JSONObject {
        let server = try await call.currentServer()
        let entries = await call.counts().entries.filter { $0.channel.server == server.id }
        var channels = JSONObject()
        for entry in entries {
            channels[Sanitiser.name(entry.channel.name)] = [
                "unread": JSON(entry.unread), "mentions": JSON(entry.mentions), "muted": false,
            ]
        }
        return [
            "total": JSON(entries.reduce(0) { $0 + $1.unread }),
            "mentions": JSON(entries.reduce(0) { $0 + $1.mentions }),
            "channels": .object(channels),
        ]
    }

    private func inbox() async -> JSONObject {
        let inbox = await call.counts()
        let channels = inbox.entries.map { entry -> JSON in
            var object: JSONObject = [
                "server_id": .string(entry.channel.server.hex),
                "channel": .string(Sanitiser.name(entry.channel.name)),
                "unread": JSON(entry.unread), "mentions": JSON(entry.mentions),
            ]
            if let last = entry.channel.lastAtMilliseconds {
                object.append("last_at", .string(Calendar.seconds(last)))
            }
            return .object(object)
        }
        return [
            "unread": JSON(inbox.unread), "mentions": JSON(inbox.mentions),
            "channels": .array(channels), "cursor": .string(call.cursor(inbox.feed)),
        ]
    }
}
