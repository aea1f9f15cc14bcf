import PeerNode
import PeerState

extension LiveEvent {
    /// Its name among the types of events (MCP 6.2).
    package var type: String {
        switch what {
        case .typingStarted: "TypingStarted"
        case .typingStopped: "TypingStopped"
        case .presence: "PresenceChanged"
        case .voiceJoined: "VoiceJoined"
        case .voiceLeft: "VoiceLeft"
        case .voiceChanged: "VoiceStateChanged"
        case .signal: "VoiceSignal"
        case .partial: "PartialText"
        }
    }

    /// Whether a principal may be told: signals are for those who may send them.
    func isFor(_ access: Access) -> Bool {
        guard case .signal = what else { return true }
        return access.admits(VoiceTools.sendSignal)
    }

    /// - Parameter channelName: that of `channel`, as it is now.
    func data(channelName: String) -> JSONObject {
        let name = JSON.string(Sanitiser.name(channelName))
        let channel = JSON.string(self.channel?.hex ?? "")
        let peer = JSON.string(peer.hex)
        switch what {
        case .typingStarted, .typingStopped:
            return ["channel": name, "channel_id": channel, "peer_id": peer]
        case .presence(let state, let text):
            var object: JSONObject = ["peer_id": peer, "state": .string(state.word)]
            if let text { object.append("text", .string(Sanitiser.name(text, 80))) }
            return object
        case .voiceJoined, .voiceLeft: return ["channel_id": channel, "peer_id": peer]
        case .voiceChanged(let isMuted, let isDeafened):
            return [
                "channel_id": channel, "peer_id": peer, "muted": .bool(isMuted),
                "deafened": .bool(isDeafened),
            ]
        case .signal(let kind, let text):
            // Passed on byte for byte: a description that was cleaned or cut would not connect.
            return [
                "channel_id": channel, "from_peer": peer,
                "signal": ["kind": .string(kind.word), "payload": .string(text)],
            ]
        case .partial(let stream, let index, let text, let message):
            var object: JSONObject = [
                "channel": name, "channel_id": channel, "peer_id": peer,
                "stream_id": .string(stream.hex), "index": JSON(index),
                "text": .string(Sanitiser.text(text)),
            ]
            if let message { object.append("message_id", .string(message.hex)) }
            return object
        }
    }
}
