import PeerNet
import PeerState

/// Acts that are said and not written.
extension NodeCore {
    mutating func perform(_ act: LiveAct) throws(NodeFailure) -> Outcome {
        live.own.acted(now.monotonic)
        live.isDirty = true
        switch act {
        case .typing(let channel, let server): return try type(in: channel, of: server)
        case .presence(let mode, let text): return try setPresence(mode, text)
        case .joinVoice(let channel, let server): return try join(channel, of: server)
        case .leaveVoice: return leaveVoice()
        case .toggleMute: return try changeVoice { $0.isMuted.toggle() }
        case .toggleDeafen: return try changeVoice { $0.isDeafened.toggle() }
        case .signal(let signal, let server): return try send(signal, in: server)
        case .partial(let text, let stream, let channel, let server):
            return try write(text, stream, in: channel, of: server)
        }
    }

    private func outcome(_ kind: Outcome.Kind, _ server: Server.ID?, _ facts: LiveFacts) -> Outcome
    {
        var outcome = Outcome(kind, server: server)
        outcome.live = facts
        return outcome
    }

    private func readable(
        _ channel: Channel.ID, in server: Server.ID, isVoice: Bool
    ) throws(NodeFailure) {
        guard let info = try hosted(server).state.channel(channel) else {
            throw NodeFailure(.unknownChannel, "no such channel in this server")
        }
        guard info.isVoice == isVoice else {
            throw NodeFailure(
                .wrongChannel, isVoice ? "not a voice channel" : "voice channels hold no text")
        }
        guard mayRead(channel, in: server) else { throw NodeFailure(.notReader) }
    }

    private mutating func type(
        in channel: Channel.ID, of server: Server.ID
    ) throws(NodeFailure) -> Outcome {
        try readable(channel, in: server, isVoice: false)
        var facts = LiveFacts()
        facts.expiresIn = EphemeralTopic.typing.life
        guard heldEpoch(channel, server) != nil,
            live.own.maySayTyping(in: channel, now.monotonic)
        else { return outcome(.unchanged, server, facts) }
        var result = outcome(.applied, server, facts)
        result.channel = channel
        result.reached = say(.typing(channel, isOn: true), .typing, in: channel, of: server) ?? 0
        return result
    }

    private mutating func setPresence(
        _ mode: PresenceMode, _ text: String?
    ) throws(NodeFailure) -> Outcome {
        let text = text.flatMap { $0.isEmpty ? nil : $0 }
        if let text { try checkText(text, .plain, max: Limits.maxPresenceText, "text") }
        var facts = LiveFacts()
        facts.mode = mode
        guard live.own.mode != mode || live.own.text != text else {
            return outcome(.unchanged, nil, facts)
        }
        if live.own.mode != mode {
            current.batch.settings.append(
                Setting(name: Self.presenceSetting, value: Array(mode.rawValue.utf8)))
        }
        live.own.mode = mode
        live.own.text = text
        for server in servers.keys where servers[server]?.isMember == true {
            change(.members(server))
        }
        return outcome(.applied, nil, facts)
    }

    static let presenceSetting = "presence"

    /// Who chose to be invisible stays so over a restart.
    mutating func restorePresence(_ value: [UInt8]?) {
        guard let value, let mode = PresenceMode(rawValue: String(decoding: value, as: UTF8.self))
        else { return }
        live.own.mode = mode
    }

    // Voice

    private mutating func join(
        _ channel: Channel.ID, of server: Server.ID
    ) throws(NodeFailure) -> Outcome {
        try readable(channel, in: server, isVoice: true)
        if live.own.room?.channel == channel {
            return outcome(.unchanged, server, roomFacts(channel, server))
        }
        let others = live.board.servers[server]?.voice[channel]?.count ?? 0
        guard others < Limits.voiceParticipants else {
            throw NodeFailure(
                .limit, "a voice room holds \(Limits.voiceParticipants) participants; it is full")
        }
        _ = try epochToWrite(channel, in: server)
        sayGoodbye()
        live.own.enter(channel, of: server, now)
        tell([LiveEvent(server: server, channel: channel, peer: me, what: .voiceJoined)])
        var result = outcome(.applied, server, roomFacts(channel, server))
        result.channel = channel
        result.reached = sayVoice() ?? 0
        return result
    }

    private func roomFacts(_ channel: Channel.ID, _ server: Server.ID) -> LiveFacts {
        var facts = LiveFacts()
        facts.voice = live.own.room
        facts.participants = participants(of: channel, in: server).map(\.peer)
        return facts
    }

    private mutating func leaveVoice() -> Outcome {
        let server = live.own.room?.server
        sayGoodbye()
        return outcome(server == nil ? .unchanged : .applied, server, LiveFacts())
    }

    private mutating func changeVoice(
        _ change: (inout VoiceStatus) -> Void
    ) throws(NodeFailure) -> Outcome {
        guard let status = live.own.change(change) else {
            throw NodeFailure(.notInVoice, "this node is in no voice room; join one first")
        }
        tell([
            LiveEvent(
                server: status.server, channel: status.channel, peer: me,
                what: .voiceChanged(
                    isMuted: status.isSilent, isDeafened: status.isDeafened))
        ])
        var facts = LiveFacts()
        facts.voice = status
        var result = outcome(.applied, status.server, facts)
        result.reached = sayVoice() ?? 0
        return result
    }

    private mutating func send(
        _ signal: VoiceSignal, in server: Server.ID
    ) throws(NodeFailure) -> Outcome {
        try readable(signal.channel, in: server, isVoice: true)
        guard live.own.room?.channel == signal.channel else {
            throw NodeFailure(.notInVoice, "join that voice room first")
        }
        guard live.board.servers[server]?.voice[signal.channel]?[signal.to] != nil else {
            throw NodeFailure(.unknownPeer, "\(signal.to.short) is not in that voice room")
        }
        guard signal.text.utf8.count <= Limits.maxSignal else {
            throw NodeFailure(
                .tooLarge,
                "a signal has at most \(Limits.maxSignal) bytes, this one "
                    + "\(signal.text.utf8.count)")
        }
        guard VoiceSignal.isPlain(signal.text) else {
            throw NodeFailure(.badText, "payload holds control characters")
        }
        guard !linkedMembers(of: server).isEmpty else {
            throw NodeFailure(.offline, "no member of that server is connected")
        }
        if let wait = live.own.signalWait(now.monotonic) { throw Self.tooOften(wait) }
        var result = outcome(.applied, server, LiveFacts())
        result.channel = signal.channel
        result.reached = say(.signal(signal), .signal, in: signal.channel, of: server) ?? 0
        return result
    }

    // Partial text

    private mutating func write(
        _ text: String, _ stream: [UInt8]?, in channel: Channel.ID, of server: Server.ID
    ) throws(NodeFailure) -> Outcome {
        try readable(channel, in: server, isVoice: false)
        let state = try hosted(server).state
        guard state.permissions(of: me, at: state.now).contains(.sendMessages) else {
            throw NodeFailure(.noPermission, "SendMessages is missing")
        }
        try checkText(text, .multiline, max: Limits.maxDelta, "text")
        _ = try epochToWrite(channel, in: server)
        if let wait = live.own.deltaWait(UInt64(text.utf8.count), now.monotonic) {
            throw Self.tooOften(wait)
        }
        let stream = stream ?? entropy.bytes(StreamDelta.streamByteCount)
        guard let piece = live.own.nextPiece(of: stream, in: channel, now.monotonic) else {
            throw NodeFailure(
                .conflict, "that stream is of another channel, or too many texts are being written")
        }
        var facts = LiveFacts()
        facts.stream = stream
        facts.index = piece
        facts.expiresIn = EphemeralTopic.delta.life
        var result = outcome(.applied, server, facts)
        result.channel = channel
        let delta = StreamDelta(channel: channel, stream: stream, index: piece, text: text)
        result.reached = say(.delta(delta), .delta, in: channel, of: server) ?? 0
        return result
    }

    private static func tooOften(_ wait: UInt64) -> NodeFailure {
        NodeFailure(.tooOften, "too many in one second; the next may leave in \(wait) ms")
    }
}
