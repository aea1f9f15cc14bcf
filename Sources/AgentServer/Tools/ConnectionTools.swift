import PeerNode
import PeerState

/// Links to other peers.
enum ConnectionTools {
    static let connectionInfo = Tool(
        "connection_info", "Connection",
        "Shows this peer's id and addresses, who is connected and what waits.",
        .init(
            scope: .readOnly, toolsets: [.reading, .server, .admin],
            hints: [.readOnly, .idempotent]),
        output: [
            .init("peer_id"), .init("listening", .array), .init("peers", .array),
            .init("relay", .object), .init("queue", .object), .init("sync", .object),
            .init("counters", .object), .init("queues", .object),
        ]
    ) { call in
        let connection = await call.port.connection()
        let reach = await call.port.reach()
        let peers = connection.links.map { link -> JSON in
            var peer: JSONObject = [
                "peer_id": .string(link.peer.hex),
                "name": .string(Sanitiser.name(link.displayName)),
                "address": .string(Sanitiser.name(link.address, 128)),
                "since": .string(Calendar.seconds(link.sinceMilliseconds)),
                "servers": JSON(link.servers.map(\.hex)),
            ]
            if let time = link.roundTrip { peer.append("rtt_ms", JSON(time.count)) }
            return .object(peer)
        }
        var result: JSONObject = [
            "peer_id": .string(call.port.peerID.hex), "listening": JSON(connection.listening),
            "peers": .array(peers), "relay": reach.relayJSON,
            "queue": .object(connection.queue), "sync": reach.syncJSON,
        ]
        if !connection.dialling.isEmpty {
            result.append("dialling", .array(connection.dialling.prefix(64).map(\.json)))
        }
        reach.appendNumbers(to: &result)
        return ToolResult(result)
    }

    static let addPeer = Tool(
        "add_peer", "Add peer", "Connects to a peer at an address, and keeps trying.",
        .init(
            scope: .full, toolsets: [.admin], hints: [.idempotent, .openWorld],
            rate: .administrative),
        output: [.init("outcome"), .init("peer_id"), .init("address")],
        .text("address", "host:port", bytes: 1...256),
        .optionalPeer("peer_id"),
        .confirm
    ) { call, address, peer, confirm in
        try NameRule.check(address, "address")
        let who = peer.map { "peer \($0.hex)" } ?? "whichever peer answers"
        try call.needConsent(
            confirm,
            "This node would connect to \(Sanitiser.name(address, 256)), show its peer id there, "
                + "and accept \(who).")
        let outcome = try await call.port.perform(.addPeer(address: address, identity: peer))
        var object: JSONObject = ["outcome": .string(outcome.kind.rawValue)]
        if let peer { object.append("peer_id", .string(peer.hex)) }
        object.append("address", .string(Sanitiser.name(address, 256)))
        return ToolResult(object)
    }
}

extension DialSnapshot {
    fileprivate var json: JSON {
        var object: JSONObject = ["address": .string(Sanitiser.name(address, 256))]
        if let peer { object.append("peer_id", .string(peer.hex)) }
        object.append("attempts", JSON(attempts))
        if let problem { object.append("last_error", .string(problem)) }
        return .object(object)
    }
}

extension ConnectionSnapshot {
    /// Own events that nobody has yet.
    var queue: JSONObject {
        var queue: JSONObject = ["events": JSON(queuedEvents)]
        if let oldest = oldestQueuedMilliseconds {
            queue.append("oldest_at", .string(Calendar.seconds(oldest)))
        }
        return queue
    }
}
