package import PeerState

extension Node {
    package func typing(
        in channel: Channel.ID, of server: Server.ID
    ) throws -> [TypingSnapshot] {
        guard try core.hosted(server).state.channel(channel) != nil else {
            throw NodeFailure(.unknownChannel, "no such channel in this server")
        }
        return core.typing(in: channel, of: server)
    }

    package func typing() -> [TypingSnapshot] { core.typing() }
    package func voiceStatus() -> VoiceStatus? { core.voiceStatus }

    package func participants(
        of channel: Channel.ID, in server: Server.ID
    ) throws -> [VoiceParticipant] {
        guard let info = try core.hosted(server).state.channel(channel) else {
            throw NodeFailure(.unknownChannel, "no such channel in this server")
        }
        guard info.isVoice else { throw NodeFailure(.wrongChannel, "not a voice channel") }
        return core.participants(of: channel, in: server)
    }

    package func liveCounters() -> [String: UInt64] { core.liveCounters }

    /// Tells whoever listens what has no number.
    func notice(_ event: NodeEvent) {
        for stream in noticers.values { stream.yield(event) }
    }
}
