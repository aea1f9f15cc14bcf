import PeerNode
import PeerState

/// Who may do what in a server, and what is asked of its electors.
extension ResourceReader {
    func entry(_ member: MemberSnapshot) -> JSONObject {
        var object: JSONObject = [
            "peer_id": .string(member.id.hex),
            "display_name": .string(Sanitiser.name(member.displayName)),
            "is_online": .bool(member.isOnline), "level": .string(member.level),
            "roles": JSON(member.roles.map(\.hex)), "agent": .bool(member.isAgent),
            "suspended": .bool(member.isSuspended), "verified": .bool(member.isVerified),
            "joined_at": .string(Calendar.seconds(member.joinedAtMilliseconds)),
        ]
        if let presence = member.presence { object.append("presence", presence.json) }
        if let nickname = member.nickname {
            object.append("nickname", .string(Sanitiser.name(nickname)))
        }
        return object
    }

    func member(_ peer: Peer.ID, in text: String?) async throws -> JSONObject {
        let server = try await server(text)
        let card = try await call.port.card(of: peer, in: server.id)
        var object = entry(card.member)
        object.append("status", .string(card.status))
        object.append("permissions", JSON(card.permissions))
        object.append("profile", .object(ProfileField.json(card.profile)))
        if !card.limits.isEmpty {
            object.append("attenuation", .object(AgentLimits.json(card.limits)))
        }
        if let first = try await call.port.firstSight(of: peer, in: server.id) {
            object.append("first_seen", .string(Calendar.seconds(first)))
        }
        if let grantor = card.grantor { object.append("granted_by", .string(grantor.hex)) }
        return object
    }

    func roles(_ text: String?) async throws -> JSONObject {
        let server = try await server(text)
        let roles = try await call.port.roles(in: server.id).map { role -> JSON in
            [
                "id": .string(role.id.hex), "name": .string(Sanitiser.name(role.name)),
                "permissions": JSON(role.permissions.words), "members": JSON(role.holders.count),
            ]
        }
        return ["roles": .array(roles)]
    }

    func joinLinks(_ text: String?) async throws -> JSONObject {
        let server = try await server(text)
        let now = await call.port.wallMilliseconds()
        let links = try await call.port.links(in: server.id).map { link -> JSON in
            let isExpired = link.expiryMilliseconds.map { $0 < now } ?? false
            var object: JSONObject = [
                "id": .string(link.id.hex), "max_uses": JSON(link.usesMax),
                "uses": JSON(link.uses), "active": .bool(link.status == .live && !isExpired),
            ]
            if let expiry = link.expiryMilliseconds {
                object.append("expires_at", .string(Calendar.seconds(expiry)))
            }
            object.append("created_by", .string(link.author.hex))
            return .object(object)
        }
        return ["join_links": .array(links)]
    }

    func proposals(_ text: String?) async throws -> JSONObject {
        let server = try await server(text)
        let members = try await call.port.members(in: server.id)
        let open = try await call.port.proposals(in: server.id)
            .filter { $0.status == .open }.prefix(Limits.proposalsShown)
        return [
            "proposals": .array(
                open.map { VoteTools.json($0, me: call.port.peerID, members) })
        ]
    }

    func agreement(_ text: String?) async throws -> JSONObject {
        let server = try await server(text)
        return StateTools.json(try await call.port.agreement(in: server.id))
    }
}

extension Limits {
    package static let proposalsShown = 100
}
