package import PeerState

extension Node {
    package func typing(
        in channel: Channel.ID, of server: Server.ID
    ) throws -> [TypingSnapshot] {
        guard try look({ try $0.hosted(server).state.channel(channel) }) != nil else {
            throw NodeFailure(.unknownChannel, "no such channel in this server")
        }
        return look { $0.typing(in: channel, of: server) }
    }

    package func typing() -> [TypingSnapshot] { look { $0.typing() } }
    package func voiceStatus() -> VoiceStatus? { look { $0.voiceStatus } }

    package func participants(
        of channel: Channel.ID, in server: Server.ID
    ) throws -> [VoiceParticipant] {
        guard let info = try look({ try $0.hosted(server).state.channel(channel) }) else {
            throw NodeFailure(.unknownChannel, "no such channel in this server")
        }
        guard info.isVoice else { throw NodeFailure(.wrongChannel, "not a voice channel") }
        return look { $0.participants(of: channel, in: server) }
    }

    package func liveCounters() -> [String: UInt64] { look { $0.liveCounters } }

    /// Tells whoever listens what has no number.
    func notice(_ event: NodeEvent) {
        for stream in noticers.values { stream.yield(event) }
    }
}
