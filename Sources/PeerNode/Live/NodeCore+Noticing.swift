import PeerState

/// What happens and is kept nowhere, as an event without a number.
extension NodeCore {
    package func notice(of event: LiveEvent) -> NodeEvent {
        var notice = newEvent(Self.kind(of: event.what), server: event.server)
        notice.channel = event.channel
        switch event.what {
        case .typingStarted, .typingStopped, .partial: addName(of: event, to: &notice)
        case .presence, .voiceJoined, .voiceLeft, .voiceChanged, .signal: break
        }
        notice.add("channel_id", event.channel)
        if case .signal(let kind, let payload) = event.what {
            notice.add("from_peer", event.peer)
            notice.add("signal", .signal(kind, payload: payload))
        } else {
            notice.add("peer_id", event.peer)
        }
        addFacts(event.what, to: &notice)
        return notice
    }

    private func addName(of event: LiveEvent, to notice: inout NodeEvent) {
        guard let channel = event.channel else { return }
        let name = servers[event.server]?.state.channel(channel)?.name
        notice.add("channel", .text(name ?? channel.short))
    }

    private func addFacts(_ what: LiveEvent.What, to notice: inout NodeEvent) {
        switch what {
        case .presence(let state, let text):
            notice.add("state", .word(state.word))
            if let text { notice.add("text", .text(text)) }
        case .voiceChanged(let isMuted, let isDeafened):
            notice.add("muted", .flag(isMuted))
            notice.add("deafened", .flag(isDeafened))
        case .partial(let stream, let index, let text, let message):
            notice.add("stream_id", .word(stream.hex))
            notice.add("index", .number(index))
            notice.add("text", .text(text))
            notice.add("message_id", message)
        case .typingStarted, .typingStopped, .voiceJoined, .voiceLeft, .signal: break
        }
    }

    private static func kind(of what: LiveEvent.What) -> NodeEventKind {
        switch what {
        case .typingStarted: .typingStarted
        case .typingStopped: .typingStopped
        case .presence: .presenceChanged
        case .voiceJoined: .voiceJoined
        case .voiceLeft: .voiceLeft
        case .voiceChanged: .voiceStateChanged
        case .signal: .voiceSignal
        case .partial: .partialText
        }
    }
}
