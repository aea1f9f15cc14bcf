package import AgentServer
package import PeerState

/// The lines of an exported log: a head, one line per event, and an end that sums up.
///
/// - Shape: JSON lines. The head names format and server; each event has its id and its envelope
///   in hexadecimal, in canonical order; the end has their number, a hash over all ids in that
///   order, and the state hash (PROTOCOL 6.2). docs/operations.md describes them byte by byte.
package enum ExportLines {
    package static let version: Int64 = 1

    package static func head(_ server: Server.ID, by peer: Peer.ID, at now: UInt64) -> JSON {
        [
            "peer_agent_export": .integer(version), "server_id": .string(server.hex),
            "exported_by": .string(peer.hex), "exported_at_ms": JSON(now),
        ]
    }

    package static func event(_ id: Event.ID, _ envelope: [UInt8]) -> JSON {
        ["id": .string(id.hex), "envelope": .string(envelope.hex)]
    }

    package static func end(_ summary: LogCheck.Summary, ids: Digest.Value) -> JSON {
        [
            "end": [
                "events": JSON(summary.events), "ids_blake2b_256": .string(ids.hex),
                "state_hash": .string(summary.stateHash.hex),
            ]
        ]
    }
}
