import PeerNode
import PeerState

/// Members that keep history for others.
enum WorkerTools {
    static let authorizeWorkers = Tool(
        "authorize_workers", "Authorize workers",
        "Lets peers keep and serve a server's encrypted history; they read no channel.",
        .init(
            scope: .full, toolsets: [.server, .admin], hints: [.idempotent, .openWorld],
            rate: .administrative, permission: "moderator"),
        output: [.init("outcome"), .init("server_id"), .init("events", .array)],
        .workers("worker_peer_ids"), .optionalServer, .confirm
    ) { call, workers, address, confirm in
        let server = try await call.server(address)
        try call.needConsent(
            confirm,
            "This would make \(workers.count) peers members of server "
                + "\"\(Sanitiser.name(server.name))\" (\(server.id.short)) that keep and serve its "
                + "encrypted history and see who writes when, but read no channel: "
                + workers.map(\.hex).joined(separator: ", ") + ".")
        var isChanged = false
        var events: [JSON] = []
        for worker in workers {
            let outcome = try await call.port.perform(.authorizeWorker(worker, in: server.id))
            isChanged = isChanged || outcome.kind != .unchanged
            var entry: JSONObject = [
                "peer_id": .string(worker.hex), "outcome": .string(outcome.kind.rawValue),
            ]
            if let event = outcome.event { entry.append("event_id", .string(event.hex)) }
            if let seq = outcome.seq { entry.append("seq", JSON(seq)) }
            events.append(.object(entry))
        }
        return ToolResult([
            "outcome": isChanged ? "applied" : "unchanged", "server_id": .string(server.id.hex),
            "events": .array(events),
        ])
    }
}

extension Parameter where Value == [Peer.ID] {
    /// One to 32 peer ids, none twice.
    static func workers(_ name: String) -> Self {
        let schema: JSONObject = [
            "type": "array", "items": ["type": "string"], "minItems": 1, "maxItems": 32,
        ]
        return .required(name, schema, nil, namesPeers: true) { json in
            let texts = try ArgumentReading.texts(json, name, atMost: 32)
            let peers = texts.compactMap { Peer.ID(hex: $0) }
            guard !texts.isEmpty, peers.count == texts.count, Set(peers).count == peers.count else {
                throw ToolRefusal.invalid(
                    name, "must be 1 to 32 peer ids, or the first 16 digits of each, none twice.")
            }
            return peers
        }
    }
}
