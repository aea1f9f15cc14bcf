import PeerNode
import PeerState

/// Members whose grant limits what they may do.
enum AgentTools {
    static let addAgent = Tool(
        "add_agent", "Add an agent",
        "Makes a peer a member that may do only what is listed here; limits are set once.",
        .init(
            scope: .admin, toolsets: [.members], hints: [.openWorld], rate: .administrative,
            permission: "ManageAgents"),
        output: Tool.Field.mutation + [.init("level"), .init("attenuation", .object)],
        .peer("peer_id"), .optionalServer, .channels("channels"), .kinds, .permissions,
        .optionalInteger("events_per_min", in: 1...10_000),
        .optionalInteger("bytes_per_day", in: 1...Int.max), .time("expires_at"),
        .optionalInteger("lapses_after", in: 1...100_000),
        .integer("depth", in: 0...4, default: 0), .confirm
    ) { call, peer, address, channels, kinds, mask, rate, bytes, expiry, lapse, depth, confirm in
        let server = try await call.server(address)
        let now = expiry == nil ? 0 : await call.port.wallMilliseconds()
        let limits = Attenuation(
            channels: try await call.channelIDs(channels).map { Array($0) },
            kinds: kinds.map { AgentKind.numbers($0) }, eventsPerMinute: rate.map { UInt64($0) },
            bytesPerDay: bytes.map { UInt64($0) }, expiryMilliseconds: expiry?.after(now),
            delegationDepth: UInt64(depth), permissions: mask, lapse: lapse.map { UInt64($0) })
        let shown = AgentLimits.json([limits])
        try call.needConsent(
            confirm,
            "This would make peer \(peer.hex) an agent member of server "
                + "\"\(Sanitiser.name(server.name))\" (\(server.id.short)) with the limits "
                + "\(JSON.object(shown).text); they can only be changed by a kick.")
        let outcome = try await call.port.perform(
            .rights(.addAgent(peer, limits), in: server.id, isRehearsal: false))
        return Mutation.result(
            outcome, ["level": "member", "attenuation": .object(shown)])
    }

    static let authorizeWorkers = Tool(
        "authorize_workers", "Authorize workers",
        "Lets peers admit others by join link; as members they read and write nowhere.",
        .init(
            scope: .full, toolsets: [.server, .admin], hints: [.idempotent, .openWorld],
            rate: .administrative, permission: "moderator"),
        output: [.init("outcome"), .init("events", .array)],
        .peers("worker_peer_ids", atMost: 32), .optionalServer, .confirm
    ) { call, workers, address, confirm in
        let server = try await call.server(address)
        try call.needConsent(
            confirm,
            "This would let \(workers.count) peers admit members to server "
                + "\"\(Sanitiser.name(server.name))\" (\(server.id.hex)): "
                + workers.map(\.hex).joined(separator: ", ") + ".")
        var events: [JSON] = []
        var outcome = Outcome.Kind.unchanged
        for worker in workers {
            let done = try await call.port.perform(
                .rights(.authorizeWorker(worker), in: server.id, isRehearsal: false))
            if done.kind != .unchanged { outcome = done.kind }
            var object: JSONObject = [
                "peer_id": .string(worker.hex), "outcome": .string(done.kind.rawValue),
            ]
            if let event = done.event { object.append("event_id", .string(event.hex)) }
            if let seq = done.seq { object.append("seq", JSON(seq)) }
            events.append(.object(object))
        }
        return ToolResult(["outcome": .string(outcome.rawValue), "events": .array(events)])
    }
}
