import PeerNet
import PeerNode
import PeerState

/// Presence, typing and texts that are still being written.
enum LiveTools {
    private static func traits(
        _ toolset: Toolset, _ hints: Tool.Hints, _ rate: RateClass = .live
    ) -> Tool.Traits {
        .init(
            scope: .messaging, toolsets: [toolset], hints: hints, rate: rate,
            permission: "SendMessages")
    }

    static let sendTyping = Tool(
        "send_typing", "Send typing", "Shows that you are writing, until you post or stop.",
        // What comes too soon changes nothing.
        traits(.messaging, [.idempotent, .openWorld], .typing),
        output: [.init("outcome"), .init("expires_in_s", .integer)],
        .optionalChannel("channel")
    ) { call, address in
        let channel = try await call.channel(address)
        guard !call.isTooSoon else {
            let life = EphemeralTopic.typing.life.count / 1_000
            return ToolResult(["outcome": "unchanged", "expires_in_s": JSON(life)])
        }
        let outcome = try await call.port.perform(
            .live(.typing(channel.id, in: channel.server)))
        return ToolResult([
            "outcome": .string(outcome.kind.rawValue), "expires_in_s": seconds(outcome),
        ])
    }

    static let setPresence = Tool(
        "set_presence", "Set presence",
        "Chooses what others see of this peer; invisible sends nothing at all.",
        traits(.live, [.idempotent, .openWorld]),
        output: [.init("outcome"), .init("state")],
        .presenceMode("state"),
        .text("text", default: "", atMost: Limits.maxPresenceText)
    ) { call, mode, text in
        let outcome = try await call.port.perform(
            .live(.presence(mode, text: text.isEmpty ? nil : text)))
        return ToolResult([
            "outcome": .string(outcome.kind.rawValue), "state": .string(mode.rawValue),
        ])
    }

    static let sendPartial = Tool(
        "send_partial", "Send partial text",
        "Shows a piece of a message that is still being written; nothing is stored.",
        traits(.live, [.openWorld]),
        output: [
            .init("outcome"), .init("stream_id"), .init("index", .integer),
        ],
        .channel("channel"), .text("text", bytes: 0...Limits.maxDelta),
        .stream("stream_id", "Leave out to begin; end it with send_message.")
    ) { call, address, text, stream in
        let channel = try await call.channel(address)
        let outcome = try await call.port.perform(
            .live(.partial(text, stream: stream, channel.id, in: channel.server)))
        return ToolResult([
            "outcome": .string(outcome.kind.rawValue),
            "stream_id": .string((outcome.live?.stream ?? []).hex),
            "index": JSON(outcome.live?.index ?? 0), "expires_in_s": seconds(outcome),
        ])
    }

    private static func seconds(_ outcome: Outcome) -> JSON {
        JSON((outcome.live?.expiresIn?.count ?? 0) / 1_000)
    }
}
