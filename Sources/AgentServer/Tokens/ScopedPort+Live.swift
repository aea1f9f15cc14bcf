package import PeerNode
package import PeerState

/// Who is there, as one principal may see it: only in channels its rules admit.
extension ScopedPort {
    package func typing(
        in channel: Channel.ID, of server: Server.ID
    ) async throws -> [TypingSnapshot] {
        try await need(channel)
        return try await base.typing(in: channel, of: server)
    }

    package func typing() async -> [TypingSnapshot] {
        let allowed = await allowed()
        return await base.typing().filter { allowed.contains($0.channel) }
    }

    package func voiceStatus() async -> VoiceStatus? {
        guard let status = await base.voiceStatus() else { return nil }
        return await allowed().contains(status.channel) ? status : nil
    }

    package func participants(
        of channel: Channel.ID, in server: Server.ID
    ) async throws -> [VoiceParticipant] {
        try await need(channel)
        return try await base.participants(of: channel, in: server)
    }

    /// A channel is looked up when something happens in it: rules may name one yet to be made.
    package func notices() async -> AsyncStream<NodeEvent> {
        let all = await base.notices()
        return AsyncStream(bufferingPolicy: .bufferingNewest(Limits.noticesKept)) { next in
            let task = Task {
                for await event in all {
                    if let channel = event.channel, await !allowed().contains(channel) { continue }
                    if let server = event.server, await hiddenServers().contains(server) {
                        continue
                    }
                    next.yield(event)
                }
                next.finish()
            }
            next.onTermination = { _ in task.cancel() }
        }
    }

    package func liveCounters() async -> [String: UInt64] { await base.liveCounters() }

    /// - Errors: `unknownChannel`; for acts on a room that must not be seen, `notInVoice`.
    func check(_ act: LiveAct) async throws {
        if let channel = act.channel { try await need(channel) }
        switch act {
        case .toggleMute, .toggleDeafen, .leaveVoice:
            guard await base.voiceStatus() != nil, await voiceStatus() == nil else { return }
            throw NodeFailure(.notInVoice, "")
        case .typing, .presence, .joinVoice, .signal, .partial: return
        }
    }
}
