import PeerNode
import PeerState

/// Conversations of a few people, and what this node's owner notes about people.
enum DirectTools {
    static let openDirect = Tool(
        "open_direct", "Open direct messages",
        "Opens or finds the conversation with one to seven others.",
        .init(
            scope: .messaging, toolsets: [.messaging], hints: [.idempotent, .openWorld],
            rate: .administrative),
        output: [.init("outcome"), .init("channel")],
        .peers("peer_ids"), .confirm
    ) { call, peers, confirm in
        if await call.port.conversation(with: peers) == nil {
            var names: [String] = []
            for peer in peers {
                let name = await call.port.contact(peer)?.name ?? "a peer never met"
                names.append("\(Sanitiser.name(name)) (\(peer.hex))")
            }
            try call.needConsent(
                confirm,
                "This would open a conversation with \(names.joined(separator: ", ")), who would "
                    + "see this peer and what it writes there.")
        }
        let outcome = try await call.port.perform(.openDirect(with: peers))
        var extra = JSONObject()
        extra.append("channel", .string(Sanitiser.name(outcome.name ?? "", 100)))
        if let channel = outcome.channel { extra.append("channel_id", .string(channel.hex)) }
        return Mutation.result(outcome, extra)
    }

    static let setContact = Tool(
        "set_contact", "Set contact",
        "Notes a nickname, a compared safety number or a block for a peer; nobody else sees it.",
        .init(
            scope: .full, toolsets: [.server], hints: [.idempotent], rate: .administrative),
        output: [
            .init("outcome"), .init("nickname"), .init("verified", .boolean),
        ],
        .peer("peer_id"), .nickname, .optionalFlag("verified"), .optionalFlag("blocked"), .confirm
    ) { call, peer, nickname, verified, blocked, confirm in
        let before = await call.port.contact(peer)
        if verified == true, let before, !before.contact.isVerified {
            try call.needConsent(
                confirm,
                "This would mark \(Sanitiser.name(before.name)) (\(peer.hex)) as verified, which "
                    + "is for after comparing the safety number \(before.safetyNumber) by voice.")
        }
        let outcome = try await call.port.perform(
            .setContact(
                peer,
                ContactChange(nickname: nickname, isVerified: verified, isBlocked: blocked)))
        guard let after = await call.port.contact(peer) ?? before else {
            throw ToolRefusal(.unknownPeer, "peer_id: nothing here has met that peer.")
        }
        return ToolResult([
            "outcome": .string(outcome.kind.rawValue),
            "nickname": .string(Sanitiser.name(after.contact.nickname)),
            "verified": .bool(after.contact.isVerified),
            "blocked": .bool(after.contact.isBlocked),
            "safety_number": .string(after.safetyNumber),
        ])
    }
}
