import PeerNode
import PeerState

/// Reads one resource from the node's views.
struct ResourceReader: Sendable {
    let call: ToolCall

    /// - Errors: `ToolRefusal`, `NodeFailure`.
    func read(_ target: ResourceTarget) async throws -> ResourceContents {
        guard target.scope <= call.access.scope else {
            throw ToolRefusal(.permissionDenied, "This token may not read that.")
        }
        return switch target {
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
        case .live(let live): ResourceContents(try await self.live(live))
        case .thread(let address): try await thread(address)
        case .pins(let channel, let server): try await pins(of: channel, in: server)
        case .roles(let server): ResourceContents(try await roles(server))
        case .joinLinks(let server): ResourceContents(try await joinLinks(server))
        case .proposals(let server): ResourceContents(try await proposals(server))
        case .agreement(let server): ResourceContents(try await agreement(server))
        case .events(let target): ResourceContents(try await target.read(call))
        case .member(let peer, let server):
            ResourceContents(try await member(peer, in: server))
        case .audit: ResourceContents(try await audit())
        case .file(let id): try await file(id)
        }
    }

    private func identity() async -> JSONObject {
        let hex = call.port.peerID.hex
        let groups = stride(from: 0, to: 32, by: 4).map { start in
            String(hex.dropFirst(start).prefix(4))
        }
        let own = await ownCard()
        var object: JSONObject = [
            "peer_id": .string(hex),
            "display_name": .string(Sanitiser.name(await call.port.displayName())),
            "agent": .bool(own?.member.isAgent ?? false),
        ]
        if let policy = own.flatMap({ ProfileField.json($0.profile)["data_policy"] }) {
            object.append("data_policy", policy)
        }
        object.append("fingerprint", .string(groups.joined(separator: " ")))
        return object
    }

    /// What this peer says about itself in the current server.
    private func ownCard() async -> MemberCard? {
        guard let server = await currentOrNil() else { return nil }
        do {
            return try await call.port.card(of: call.port.peerID, in: server)
        } catch {
            return nil  // Not a member there (yet): nothing is said.
        }
    }

    private func connection() async -> JSONObject {
        let connection = await call.port.connection()
        let reach = await call.port.reach()
        let peers = connection.links.map { link -> JSON in
            [
                "peer_id": .string(link.peer.hex),
                "display_name": .string(Sanitiser.name(link.displayName)),
                "since": .string(Calendar.seconds(link.sinceMilliseconds)),
            ]
        }
        var result: JSONObject = [
            "connected": .bool(!peers.isEmpty), "peer_count": JSON(peers.count),
            "typing_peers": await typingPeers(), "peers": .array(peers), "relay": reach.relayJSON,
            "queue": .object(connection.queue), "sync": reach.syncJSON,
        ]
        reach.appendNumbers(to: &result)
        return result
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
        let admins = try await call.port.members(in: server.id).filter { $0.level == "admin" }
        object.append("admins", JSON(admins.map(\.id.hex)))
        object.append("description", .string(Sanitiser.text(server.description)))
        object.append("display_name", .string(Sanitiser.name(server.displayName)))
        object.append("level", .string(server.level))
        object.append("permissions", JSON(server.permissions))
        object.append("threshold", .string(server.threshold))
        object.append("members", JSON(server.memberCount))
        object.append("created_at", .string(Calendar.seconds(server.createdAtMilliseconds)))
        return object
    }

    func server(_ text: String?) async throws -> ServerSnapshot {
        try await call.server(text.map { ServerAddress(text: $0, field: "server") })
    }

    private func channels(_ text: String?) async throws -> JSONObject {
        let server = try await server(text)
        let counts = await call.counts()
        let channels = try await call.port.channels(in: server.id).map { channel -> JSON in
            let entry = counts.entries.first { $0.channel.id == channel.id }
            var object: JSONObject = [
                "id": .string(channel.id.hex), "name": .string(Sanitiser.channel(channel.name)),
                "kind": channel.isVoice ? "voice" : "text",
                "restricted": .bool(channel.isRestricted),
                "roles": JSON(channel.roles.map(\.hex)),
                "history": .string(channel.history),
                "topic": .string(Sanitiser.name(channel.topic, 500)),
                "channel_seq": JSON(channel.channelSeq), "unread": JSON(entry?.unread ?? 0),
                "mentions": JSON(entry?.mentions ?? 0),
            ]
            if let state = channel.idleState { object.append("state", .string(state)) }
            if let last = channel.lastAtMilliseconds {
                object.append("last_at", .string(Calendar.seconds(last)))
            }
            return .object(object)
        }
        return ["channels": .array(channels)]
    }

    private func members(_ text: String?) async throws -> JSONObject {
        let server = try await server(text)
        let members = try await call.port.members(in: server.id).map { JSON.object(entry($0)) }
        return ["members": .array(members)]
    }

    private func unread() async throws -> JSONObject {
        let server = try await call.currentServer()
        let entries = await call.counts().entries.filter { $0.channel.server == server.id }
        var channels = JSONObject()
        for entry in entries {
            channels[Sanitiser.channel(entry.channel.name)] = [
                "unread": JSON(entry.unread), "mentions": JSON(entry.mentions),
                "muted": .bool(entry.isMuted),
            ]
        }
        return [
            "total": JSON(entries.reduce(0) { $0 + ($1.isMuted ? $1.mentions : $1.unread) }),
            "mentions": JSON(entries.reduce(0) { $0 + $1.mentions }),
            "channels": .object(channels),
        ]
    }

    private func inbox() async -> JSONObject {
        let inbox = await call.counts()
        let channels = inbox.entries.map { entry -> JSON in
            var object: JSONObject = [
                "server_id": .string(entry.channel.server.hex),
                "channel": .string(Sanitiser.channel(entry.channel.name)),
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
