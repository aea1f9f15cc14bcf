import PeerNet
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

    package func liveEvents() -> AsyncStream<LiveEvent> {
        nextSubscriber += 1
        let id = nextSubscriber
        let (stream, continuation) = AsyncStream.makeStream(
            of: LiveEvent.self, bufferingPolicy: .bufferingNewest(Limits.liveEventsKept))
        guard !isStopping else {
            continuation.finish()
            return stream
        }
        listeners[id] = continuation
        continuation.onTermination = { [weak self, loop] _ in
            loop.perform { [weak self] in self?.assumeIsolated { $0.listeners[id] = nil } }
        }
        return stream
    }

    func tell(_ events: [LiveEvent]) {
        for listener in listeners.values { for event in events { listener.yield(event) } }
    }
}
