import PeerNode
import PeerState

/// Comparing what nodes hold.
enum StateTools {
    static let verifyState = Tool(
        "verify_state", "Verify state",
        "Asks the connected members whether they hold the same state of a server.",
        .init(
            scope: .readOnly, toolsets: [.reading, .server, .admin],
            hints: [.readOnly, .idempotent, .openWorld], rate: .verifyState),
        output: [
            .init("state_hash"), .init("events", .integer), .init("agreeing", .integer),
            .init("total", .integer), .init("peers", .array), .init("verdict"),
        ],
        .optionalServer, .integer("timeout_s", in: 0...30, default: 5)
    ) { call, address, timeout in
        let server = try await call.server(address)
        let found = try await call.port.verify(
            server.id, timeout: .seconds(UInt64(timeout)))
        var object = json(found)
        object.append("events", JSON(found.events))
        object.append("verdict", .string(found.verdict))
        return ToolResult(object)
    }

    /// As the tool and the resource show it.
    static func json(_ found: StateAgreement) -> JSONObject {
        let peers = found.peers.map { peer -> JSON in
            var object: JSONObject = [
                "peer_id": .string(peer.peer.hex), "agrees": .bool(peer.verdict == .agree),
                "verdict": .string(peer.verdict.rawValue),
            ]
            if let hash = peer.stateHash { object.append("their_hash", .string(hash.hex)) }
            if let section = peer.section { object.append("section", JSON(section)) }
            if peer.verdict == .behind {
                object.append("events_behind", JSON(peer.eventsApart))
            } else if peer.verdict == .ahead {
                object.append("events_ahead", JSON(peer.eventsApart))
            }
            if let at = peer.atMilliseconds {
                object.append("checked_at", .string(Calendar.seconds(at)))
            }
            return .object(object)
        }
        return [
            "state_hash": .string(found.stateHash.hex), "agreeing": JSON(found.agreeing),
            "total": JSON(found.peers.count), "peers": .array(peers),
        ]
    }
}
