import PeerState

extension ServerBoard {
    mutating func expire(_ now: Instant, in server: Server.ID) -> [LiveEvent] {
        for (caller, _) in calls {
            unheard += calls[caller]?.expire(now) ?? 0
            if calls[caller]?.isEmpty == true { calls[caller] = nil }
        }
        streams = streams.filter { $0.value.until > now }
        return remove(
            in: server, typing: { $0.until <= now }, presence: { _, entry in entry.until <= now },
            voice: { _, _, entry in entry.until <= now })
    }

    mutating func prune(
        in server: Server.ID, isMember: (Peer.ID) -> Bool, isReader: (Peer.ID, Channel.ID) -> Bool
    ) -> [LiveEvent] {
        var events: [LiveEvent] = []
        for channel in typing.keys.sorted() {
            for peer in (typing[channel] ?? [:]).keys.sorted() where !isReader(peer, channel) {
                typing[channel]?[peer] = nil
                events.append(
                    LiveEvent(server: server, channel: channel, peer: peer, what: .typingStopped))
            }
        }
        calls = calls.filter { isReader($0.key.peer, $0.key.channel) }
        return events
            + remove(
                in: server, typing: { _ in false }, presence: { peer, _ in !isMember(peer) },
                voice: { channel, peer, _ in !isReader(peer, channel) })
    }

    /// Takes out what the tests name and says so, in an order that does not depend on hashing.
    private mutating func remove(
        in server: Server.ID, typing endsTyping: (Typing) -> Bool,
        presence endsPresence: (Peer.ID, Presence) -> Bool,
        voice endsVoice: (Channel.ID, Peer.ID, Participant) -> Bool
    ) -> [LiveEvent] {
        var events: [LiveEvent] = []
        for channel in typing.keys.sorted() {
            for (peer, entry) in (typing[channel] ?? [:]).sorted(by: { $0.key < $1.key })
            where endsTyping(entry) {
                typing[channel]?[peer] = nil
                events.append(
                    LiveEvent(server: server, channel: channel, peer: peer, what: .typingStopped))
            }
        }
        for (peer, entry) in presence.sorted(by: { $0.key < $1.key })
        where endsPresence(peer, entry) {
            presence[peer] = nil
            events.append(
                LiveEvent(
                    server: server, channel: nil, peer: peer, what: .presence(.offline, text: nil)))
        }
        for channel in voice.keys.sorted() {
            for (peer, entry) in (voice[channel] ?? [:]).sorted(by: { $0.key < $1.key })
            where endsVoice(channel, peer, entry) {
                voice[channel]?[peer] = nil
                calls[Caller(channel: channel, peer: peer)] = nil
                events.append(
                    LiveEvent(server: server, channel: channel, peer: peer, what: .voiceLeft))
            }
        }
        typing = typing.filter { !$0.value.isEmpty }
        voice = voice.filter { !$0.value.isEmpty }
        return events
    }
}
