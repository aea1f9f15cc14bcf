import PeerNode
import PeerState

/// Voice rooms: being in one, and the signals by which clients connect their media.
enum VoiceTools {
    private static func traits(_ hints: Tool.Hints) -> Tool.Traits {
        .init(scope: .messaging, toolsets: [.live], hints: hints, rate: .live)
    }

    static let joinVoice = Tool(
        "join_voice", "Join voice",
        "Enters a voice room, leaving the one you were in. Media is up to your client.",
        traits([.idempotent, .openWorld]),
        output: [.init("outcome"), .init("channel_id"), .init("participants", .array)],
        .channel("channel_id")
    ) { call, address in
        let channel = try await call.channel(address)
        let outcome = try await call.port.perform(
            .live(.joinVoice(channel.id, in: channel.server)))
        return ToolResult([
            "outcome": .string(outcome.kind.rawValue), "channel_id": .string(channel.id.hex),
            "participants": JSON((outcome.live?.participants ?? []).map(\.hex)),
        ])
    }

    static let leaveVoice = Tool(
        "leave_voice", "Leave voice", "Leaves the voice room.",
        traits([.idempotent, .openWorld]), output: [.init("outcome")]
    ) { call in
        let outcome = try await call.port.perform(.live(.leaveVoice))
        return ToolResult(["outcome": .string(outcome.kind.rawValue)])
    }

    static let toggleMute = Tool(
        "toggle_mute", "Toggle mute", "Stops or resumes speaking in the voice room.",
        traits([.openWorld]), output: [.init("muted", .boolean)]
    ) { call in
        let outcome = try await call.port.perform(.live(.toggleMute))
        return ToolResult(["muted": .bool(outcome.live?.voice?.isSilent ?? false)])
    }

    static let toggleDeafen = Tool(
        "toggle_deafen", "Toggle deafen",
        "Stops or resumes hearing the voice room; who does not hear does not speak.",
        traits([.openWorld]), output: [.init("deafened", .boolean), .init("muted", .boolean)]
    ) { call in
        let voice = try await call.port.perform(.live(.toggleDeafen)).live?.voice
        return ToolResult([
            "deafened": .bool(voice?.isDeafened ?? false), "muted": .bool(voice?.isSilent ?? false),
        ])
    }

    static let sendSignal = Tool(
        "send_voice_signal", "Send voice signal",
        "Hands a connection description to one participant of your voice room, sealed.",
        traits([.openWorld]), output: [.init("outcome"), .init("reached", .integer)],
        .channel("channel_id"), .peer("to"), .signalKind("kind"), .signal("payload")
    ) { call, address, to, kind, payload in
        let channel = try await call.channel(address)
        let signal = VoiceSignal(channel: channel.id, to: to, kind: kind, text: payload)
        let outcome = try await call.port.perform(.live(.signal(signal, in: channel.server)))
        return ToolResult([
            "outcome": .string(outcome.kind.rawValue), "reached": JSON(outcome.reached),
        ])
    }
}
