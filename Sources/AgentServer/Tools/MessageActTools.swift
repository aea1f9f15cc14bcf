import PeerNode
import PeerState

/// Acts on messages that are there.
enum MessageActTools {
    private static func traits(_ permission: String?, isDestructive: Bool = false) -> Tool.Traits {
        .init(
            scope: .messaging, toolsets: [.messaging],
            hints: isDestructive
                ? [.destructive, .idempotent, .openWorld] : [.idempotent, .openWorld],
            rate: .smallActs, permission: permission)
    }

    private static let output = Tool.Field.mutation
    private static let reactions: [Tool.Field] = [.init("outcome"), .init("reactions", .object)]
    private static let pins: [Tool.Field] = [.init("outcome"), .init("pins", .integer)]

    static let edit = Tool(
        "edit_message", "Edit message",
        "Replaces the text of an own message; the log keeps the old.",
        traits("SendMessages", isDestructive: true), output: output,
        .optionalChannel("channel"), .message("message_id"), .body("new_body"), .confirm
    ) { call, channel, address, body, confirm in
        try await call.posting(body, "new_body", in: nil, confirm) {
            try await act(.edit(text: body), on: address, in: channel, call)
        }
    }

    static let delete = Tool(
        "delete_message", "Delete message",
        "Takes a message away for everyone; others' need ModerateMessages.",
        traits("ModerateMessages", isDestructive: true), output: output,
        .optionalChannel("channel"), .message("message_id"), .reason(atMost: 200)
    ) { call, channel, address, reason in
        try await act(.delete(reason: reason ?? ""), on: address, in: channel, call)
    }

    static let react = Tool(
        "react", "React", "Adds an emoji to a message.",
        traits("SendMessages"), output: reactions,
        .optionalChannel("channel"), .message("message_id"), .text("emoji", bytes: 1...32)
    ) { call, channel, address, emoji in
        try await act(.react(emoji: emoji), on: address, in: channel, call)
    }

    static let unreact = Tool(
        "unreact", "Remove reaction", "Takes an own emoji back from a message.",
        traits("SendMessages"), output: reactions,
        .optionalChannel("channel"), .message("message_id"), .text("emoji", bytes: 1...32)
    ) { call, channel, address, emoji in
        try await act(.unreact(emoji: emoji), on: address, in: channel, call)
    }

    static let pin = Tool(
        "pin_message", "Pin message", "Pins a message in its channel.",
        traits("ManagePins"), output: pins,
        .optionalChannel("channel"), .message("message_id")
    ) { call, channel, address in
        try await act(.pin, on: address, in: channel, call)
    }

    static let unpin = Tool(
        "unpin_message", "Unpin message", "Unpins a message.",
        traits("ManagePins"), output: pins,
        .optionalChannel("channel"), .message("message_id")
    ) { call, channel, address in
        try await act(.unpin, on: address, in: channel, call)
    }

    private static func act(
        _ act: ContentAct, on address: MessageAddress, in channel: ChannelAddress?,
        _ call: ToolCall
    ) async throws -> ToolResult {
        let message = try await call.message(address)
        if let channel, try await call.channel(channel).id != message.channel {
            throw ToolRefusal(.unknownMessage, "message_id: that message is in another channel.")
        }
        let outcome = try await call.port.perform(
            .content(act, on: message.id, in: message.server, principal: call.principal))
        var extra = JSONObject()
        if let reactions = outcome.reactions {
            let counts = reactions.sorted { $0.key < $1.key }.map {
                JSONObject.Member(Sanitiser.name($0.key, 32), JSON($0.value))
            }
            extra.append("reactions", .object(JSONObject(counts)))
        } else if let pins = outcome.pinCount {
            extra.append("pins", JSON(pins))
        } else {
            extra.append("message_id", .string(message.id.hex))
        }
        return Mutation.result(outcome, extra)
    }
}
