package import PeerState

/// What the agent layer may ask about those who are there now.
package protocol LivePort: Sendable {
    /// Who writes in a channel.
    func typing(in channel: Channel.ID, of server: Server.ID) async throws -> [TypingSnapshot]
    /// Who writes anywhere.
    func typing() async -> [TypingSnapshot]
    /// The voice room this node is in.
    func voiceStatus() async -> VoiceStatus?
    /// - Errors: `unknownChannel`, and `wrongChannel` for a text channel.
    func participants(
        of channel: Channel.ID, in server: Server.ID
    ) async throws -> [VoiceParticipant]
    /// What was heard, said and dropped, by name.
    func liveCounters() async -> [String: UInt64]
}

extension LivePort {
    package func typing(
        in channel: Channel.ID, of server: Server.ID
    ) async throws -> [TypingSnapshot] { [] }

    package func typing() async -> [TypingSnapshot] { [] }
    package func voiceStatus() async -> VoiceStatus? { nil }

    package func participants(
        of channel: Channel.ID, in server: Server.ID
    ) async throws -> [VoiceParticipant] { [] }

    package func liveCounters() async -> [String: UInt64] { [:] }
}
