import PeerNet
import PeerState

/// Saying what nobody stores.
extension NodeCore {
    /// Seals a payload with the key of a channel, signs it and hands it to the linked members.
    ///
    /// - Returns: how many got it; `nil` without a key every reader has.
    @discardableResult
    mutating func say(
        _ payload: LivePayload, _ topic: EphemeralTopic, in channel: Channel.ID,
        of server: Server.ID
    ) -> Int? {
        guard let epoch = heldEpoch(channel, server),
            var key = servers[server]?.keys.key(epoch.id)
        else { return nil }
        defer { Sodium.wipe(&key) }
        let counter = live.nextCounter(now)
        // With the counter inside none of this node's nonces repeats, whatever entropy gives.
        let head = withUnsafeBytes(of: counter.bigEndian) { Array($0) }
        let nonce = head + entropy.bytes(16)
        let place = EphemeralPlace(
            server: server, epoch: epoch.id, author: me, counter: counter, topic: topic.rawValue)
        let frame = EphemeralFrame(
            server: server, topic: topic, counter: counter,
            sentMilliseconds: now.wallMilliseconds,
            sealing: EphemeralFrame.Sealing(epoch: epoch.id, nonce: nonce),
            payload: place.seal(payload.encoded, channelKey: key, nonce: nonce),
            by: configuration.key)
        live.sent &+= 1
        syncHandle(.spread(frame, from: nil))
        return linkedMembers(of: server).count
    }

    mutating func sayWhatIsDue() {
        live.due = nil
        for server in servers.keys.sorted() where servers[server]?.isMember == true {
            guard servers[server]?.hasHistory == true,
                let due = live.own.presenceDue(in: server, now.monotonic)
            else { continue }
            guard due <= now.monotonic else {
                consider(due)
                continue
            }
            // With nobody there it waits for the next link.
            guard !linkedMembers(of: server).isEmpty else { continue }
            sayPresence(in: server)
        }
        sayVoiceDue()
    }

    private mutating func consider(_ due: Instant) { live.due = min(live.due ?? due, due) }

    private mutating func sayPresence(in server: Server.ID) {
        guard let channel = commonChannel(of: server) else {
            return consider(now.monotonic + Limits.presencePause)
        }
        let state = live.own.announce(in: server, now.monotonic)
        let text = state == .offline ? nil : live.own.text
        say(.presence(state, text: text), .presence, in: channel, of: server)
        if let next = live.own.presenceDue(in: server, now.monotonic) { consider(next) }
    }

    /// The channel most members read of those this node can write in: an open one, if any.
    private mutating func commonChannel(of server: Server.ID) -> Channel.ID? {
        let channels = servers[server]?.state.holdingChannels ?? []
        let order = channels.sorted {
            (($0.readers == nil ? 0 : 1), $0.id) < (($1.readers == nil ? 0 : 1), $1.id)
        }
        for channel in order where mayRead(channel.id, in: server) {
            if heldEpoch(channel.id, server) != nil { return channel.id }
        }
        return nil
    }

    private mutating func sayVoiceDue() {
        guard let due = live.own.voiceDue(now.monotonic) else { return }
        if due <= now.monotonic { sayVoice() }
        if let next = live.own.voiceDue(now.monotonic) { consider(next) }
    }

    @discardableResult
    mutating func sayVoice() -> Int? {
        guard let room = live.own.room, live.own.maySayVoice(now.monotonic) else { return nil }
        return say(
            .voice(
                VoiceState(
                    channel: room.channel, isJoined: true,
                    isMuted: room.isSilent, isDeafened: room.isDeafened)),
            .voice, in: room.channel, of: room.server)
    }

    /// Leaves the room and says so.
    mutating func sayGoodbye() {
        guard let room = live.own.room else { return }
        say(
            .voice(
                VoiceState(
                    channel: room.channel, isJoined: false, isMuted: false, isDeafened: false)),
            .voice, in: room.channel, of: room.server)
        endRoom()
    }

    /// Says that this node goes, so that nobody has to wait for it to vanish.
    mutating func sayFarewell() {
        sayGoodbye()
        for server in live.own.announcedServers {
            live.own.forget(server)
            guard let channel = commonChannel(of: server) else { continue }
            say(.presence(.offline, text: nil), .presence, in: channel, of: server)
        }
        live.own.mode = .invisible
    }

    /// The text that was being written is this message, once it is durable.
    mutating func noteStream(of post: PostMessage, _ event: Event) {
        guard let stream = post.stream else { return }
        live.ending[event.id] = LivePlane.EndingStream(channel: post.channel, stream: stream)
    }

    /// Names the message that a text being written became.
    mutating func finishStream(_ event: Event, in server: Server.ID) {
        guard let ending = live.ending.removeValue(forKey: event.id) else { return }
        let piece = live.own.nextPiece(of: ending.stream, in: ending.channel, now.monotonic)
        live.own.endStream(ending.stream)
        guard let piece else { return }
        say(
            .delta(
                StreamDelta(
                    channel: ending.channel, stream: ending.stream, index: piece, text: "",
                    message: event.id)),
            .delta, in: ending.channel, of: server)
    }
}
