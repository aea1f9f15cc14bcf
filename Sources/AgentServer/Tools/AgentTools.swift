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
}
