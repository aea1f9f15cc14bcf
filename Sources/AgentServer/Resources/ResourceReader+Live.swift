import PeerNode
import PeerState

extension ResourceReader {
    func live(_ target: LiveTarget) async throws -> JSONObject {
        switch target {
        case .typing(let name, let server): try await typing(name, server)
        case .voiceStatus: await voiceStatus()
        case .participants(let name, let server): try await participants(name, server)
        }
    }

    private func typing(_ name: String, _ server: String?) async throws -> JSONObject {
        let channel = try await channel(name, server)
        let typing = try await call.port.typing(in: channel.id, of: channel.server)
        return [
            "typing": .array(
                typing.map { entry in
                    [
                        "peer_id": .string(entry.peer.hex),
                        "display_name": .string(Sanitiser.name(entry.displayName)),
                        "since": .string(Calendar.seconds(entry.since)),
                    ]
                })
        ]
    }

    private func voiceStatus() async -> JSONObject {
        let status = await call.port.voiceStatus()
        var object = JSONObject()
        if let status { object.append("active_channel", .string(status.channel.hex)) }
        object.append("muted", .bool(status?.isSilent ?? false))
        object.append("deafened", .bool(status?.isDeafened ?? false))
        return object
    }

    private func participants(_ name: String, _ server: String?) async throws -> JSONObject {
        let channel = try await channel(name, server)
        let participants = try await call.port.participants(of: channel.id, in: channel.server)
        return [
            "participants": .array(
                participants.map { entry in
                    [
                        "peer_id": .string(entry.peer.hex),
                        "display_name": .string(Sanitiser.name(entry.displayName)),
                        "muted": .bool(entry.isMuted), "deafened": .bool(entry.isDeafened),
                        "since": .string(Calendar.seconds(entry.since)),
                    ]
                })
        ]
    }

    private func channel(_ name: String, _ server: String?) async throws -> ChannelSnapshot {
        let text = server.map { "\($0)/\(name)" } ?? name
        return try await call.channel(ChannelAddress(text: text, field: "name"))
    }

    /// Who writes anywhere, for the card of the connection.
    func typingPeers() async -> JSON {
        .array(
            await call.port.typing().map { entry in
                [
                    "peer_id": .string(entry.peer.hex),
                    "channel": .string(Sanitiser.channel(entry.channelName)),
                ]
            })
    }
}

extension PresenceSnapshot {
    var json: JSON {
        var object: JSONObject = ["state": .string(state.word)]
        if let text { object.append("text", .string(Sanitiser.name(text, Limits.maxPresenceText))) }
        return .object(object)
    }
}
