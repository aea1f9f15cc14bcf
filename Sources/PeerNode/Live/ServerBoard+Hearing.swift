import PeerNet
import PeerState

extension ServerBoard {
    mutating func hear(
        _ heard: Heard, room: Channel.ID?, me: Peer.ID
    ) throws(EphemeralDrop) -> [LiveEvent] {
        switch heard.payload {
        case .typing(let channel, let isOn): try hearTyping(channel, isOn, heard)
        case .presence(let state, let text): try hearPresence(state, text, heard)
        case .voice(let state): try hearVoice(state, heard, room: room)
        case .signal(let signal): try hearSignal(signal, heard, room: room, me: me)
        case .delta(let delta): try hearDelta(delta, heard)
        }
    }

    private func event(_ heard: Heard, _ what: LiveEvent.What) -> LiveEvent {
        LiveEvent(
            server: heard.server, channel: heard.payload.channel, peer: heard.author, what: what)
    }

    private mutating func hearTyping(
        _ channel: Channel.ID, _ isOn: Bool, _ heard: Heard
    ) throws(EphemeralDrop) -> [LiveEvent] {
        guard isOn else {
            let ended = typing[channel]?.removeValue(forKey: heard.author)
            return ended == nil ? [] : [event(heard, .typingStopped)]
        }
        let known = typing[channel]?[heard.author]
        if known == nil, typing[channel]?.count ?? 0 >= Limits.typingShown { throw .overBound }
        typing[channel, default: [:]][heard.author] = Typing(
            since: known?.since ?? heard.atMilliseconds, until: heard.until)
        return known == nil ? [event(heard, .typingStarted)] : []
    }

    private mutating func hearPresence(
        _ state: PresenceState, _ text: String?, _ heard: Heard
    ) throws(EphemeralDrop) -> [LiveEvent] {
        let text = text.map { TextRule.plain.stripped($0) }
        let known = presence[heard.author]
        guard state != .offline else {
            presence[heard.author] = nil
            return known == nil ? [] : [event(heard, .presence(.offline, text: nil))]
        }
        if known == nil, presence.count >= Limits.presenceShown { throw .overBound }
        presence[heard.author] = Presence(state: state, text: text, until: heard.until)
        guard known?.state != state || known?.text != text else { return [] }
        return [event(heard, .presence(state, text: text))]
    }

    private mutating func hearVoice(
        _ state: VoiceState, _ heard: Heard, room: Channel.ID?
    ) throws(EphemeralDrop) -> [LiveEvent] {
        let known = voice[state.channel]?[heard.author]
        guard state.isJoined else {
            calls[Caller(channel: state.channel, peer: heard.author)] = nil
            voice[state.channel]?[heard.author] = nil
            return known == nil ? [] : [event(heard, .voiceLeft)]
        }
        let others = voice[state.channel]?.count ?? 0
        let own = room == state.channel ? 1 : 0
        if known == nil, others + own >= Limits.voiceParticipants { throw .voiceFull }
        voice[state.channel, default: [:]][heard.author] = Participant(
            isMuted: state.isMuted || state.isDeafened, isDeafened: state.isDeafened,
            since: known?.since ?? heard.atMilliseconds, until: heard.until)
        let changed = event(
            heard,
            .voiceChanged(
                isMuted: state.isMuted || state.isDeafened, isDeafened: state.isDeafened))
        guard let known else {
            var events = [event(heard, .voiceJoined)]
            if state.isMuted || state.isDeafened { events.append(changed) }
            return events + release(state.channel, of: heard.author, heard.server, room: room)
        }
        let isSame =
            known.isDeafened == state.isDeafened
            && known.isMuted == (state.isMuted || state.isDeafened)
        return isSame ? [] : [changed]
    }

    private mutating func release(
        _ channel: Channel.ID, of peer: Peer.ID, _ server: Server.ID, room: Channel.ID?
    ) -> [LiveEvent] {
        let caller = Caller(channel: channel, peer: peer)
        guard room == channel, var order = calls[caller] else { return [] }
        let signals = order.open()
        calls[caller] = order
        return signals.map { told($0, by: peer, server) }
    }

    private func told(
        _ signal: VoiceSignal, by peer: Peer.ID, _ server: Server.ID
    ) -> LiveEvent {
        LiveEvent(
            server: server, channel: signal.channel, peer: peer,
            what: .signal(signal.kind, text: VoiceSignal.stripped(signal.text)))
    }

    /// What is for somebody else was passed on and concerns nobody here.
    private mutating func hearSignal(
        _ signal: VoiceSignal, _ heard: Heard, room: Channel.ID?, me: Peer.ID
    ) throws(EphemeralDrop) -> [LiveEvent] {
        guard signal.to == me else { return [] }
        guard room == signal.channel else { throw .notInVoice }
        let caller = Caller(channel: signal.channel, peer: heard.author)
        guard calls[caller] != nil || calls.count < Limits.voiceParticipants else {
            throw .overBound
        }
        var order = calls[caller] ?? SignalOrder()
        if voice[signal.channel]?[heard.author] != nil { _ = order.open() }
        let ready = try order.take(signal, until: heard.until)
        calls[caller] = order
        return ready.map { told($0, by: heard.author, heard.server) }
    }

    private mutating func hearDelta(
        _ delta: StreamDelta, _ heard: Heard
    ) throws(EphemeralDrop) -> [LiveEvent] {
        let key = StreamKey(author: heard.author, stream: delta.stream)
        let known = streams[key]
        if let known, delta.index <= known.index { throw .outOfOrder }
        if known == nil, streams.count >= Limits.streamsShown { throw .overBound }
        // The end is remembered too, so that a piece that comes after it is not shown.
        streams[key] = Stream(index: delta.index, until: heard.until)
        return [
            event(
                heard,
                .partial(
                    stream: delta.stream, index: delta.index,
                    text: TextRule.multiline.stripped(delta.text), message: delta.message))
        ]
    }
}
