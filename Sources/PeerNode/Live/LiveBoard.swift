package import PeerNet
package import PeerState

/// Who is there, who writes and who is in which voice room: everything that vanishes by itself.
///
/// - Bounds: `Limits+Live`; every entry ends when its message does, unless it is renewed.
///   Source: PROTOCOL 11.
package struct LiveBoard: Sendable {
    let me: Peer.ID
    private(set) var servers: [Server.ID: ServerBoard] = [:]
    /// No later than the first end; an end that was put off leaves it early, which costs one look.
    package private(set) var nextEnd: Instant?

    package init(me: Peer.ID) {
        self.me = me
    }

    /// Takes what a member said.
    ///
    /// - Parameter room: the voice room this node is in, in that server.
    /// - Errors: `voiceFull`, `notInVoice`, `signalsWaiting`, `outOfOrder`, `overBound`.
    package mutating func hear(
        _ heard: Heard, room: Channel.ID?
    ) throws(EphemeralDrop) -> [LiveEvent] {
        var board = servers[heard.server] ?? ServerBoard()
        let events = try board.hear(heard, room: room, me: me)
        servers[heard.server] = board
        nextEnd = min(nextEnd ?? heard.until, heard.until)
        return events
    }

    /// How many signals ended because their author never was seen in the room; counts anew.
    package mutating func takeUnheard() -> UInt64 {
        var sum: UInt64 = 0
        for server in servers.keys {
            sum += servers[server]?.unheard ?? 0
            servers[server]?.unheard = 0
        }
        return sum
    }

    /// Removes what has ended.
    package mutating func expire(_ now: Instant) -> [LiveEvent] {
        guard let due = nextEnd, due <= now else { return [] }
        var events: [LiveEvent] = []
        for server in servers.keys.sorted() {
            events += servers[server]?.expire(now, in: server) ?? []
        }
        nextEnd = servers.values.compactMap(\.nextEnd).min()
        return events
    }

    /// A message ends the author's typing there.
    package mutating func posted(
        by author: Peer.ID, in channel: Channel.ID, of server: Server.ID
    ) -> [LiveEvent] {
        guard servers[server]?.typing[channel]?.removeValue(forKey: author) != nil else {
            return []
        }
        return [LiveEvent(server: server, channel: channel, peer: author, what: .typingStopped)]
    }

    /// Removes those who are no member or reader any more.
    package mutating func prune(
        _ server: Server.ID, isMember: (Peer.ID) -> Bool, isReader: (Peer.ID, Channel.ID) -> Bool
    ) -> [LiveEvent] {
        servers[server]?.prune(in: server, isMember: isMember, isReader: isReader) ?? []
    }

    mutating func drop(_ server: Server.ID) { servers[server] = nil }

    /// This node left its room: all calls are over.
    mutating func hangUp(in server: Server.ID) {
        servers[server]?.calls = [:]
    }
}
