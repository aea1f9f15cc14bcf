import PeerNet
package import PeerState

/// What is shown of those who are there now.
extension NodeCore {
    /// Who writes in a channel, or anywhere; only where this node may read.
    package func typing(
        in channel: Channel.ID? = nil, of server: Server.ID? = nil
    ) -> [TypingSnapshot] {
        var found: [TypingSnapshot] = []
        for (id, board) in live.board.servers where server == nil || server == id {
            guard let slot = servers[id] else { continue }
            for (place, peers) in board.typing where channel == nil || channel == place {
                guard let name = slot.state.channel(place)?.name, mayRead(place, in: id) else {
                    continue
                }
                for (peer, entry) in peers {
                    found.append(
                        TypingSnapshot(
                            peer: peer, displayName: shownName(peer, in: slot),
                            server: id, channel: place, channelName: name, since: entry.since))
                }
            }
        }
        return found.sorted { ($0.since, $0.peer) < ($1.since, $1.peer) }
    }

    package func participants(of channel: Channel.ID, in server: Server.ID) -> [VoiceParticipant] {
        guard let slot = servers[server] else { return [] }
        var found = (live.board.servers[server]?.voice[channel] ?? [:]).map { peer, entry in
            VoiceParticipant(
                peer: peer, displayName: shownName(peer, in: slot),
                isMuted: entry.isMuted, isDeafened: entry.isDeafened, since: entry.since)
        }
        if let room = live.own.room, room.channel == channel {
            found.append(
                VoiceParticipant(
                    peer: me, displayName: slot.state.displayName(of: me) ?? displayName,
                    isMuted: room.isSilent, isDeafened: room.isDeafened,
                    since: room.since))
        }
        return found.sorted { $0.peer < $1.peer }
    }

    package var voiceStatus: VoiceStatus? { live.own.room }
    package var presenceMode: PresenceMode { live.own.mode }

    /// How a member is seen; `nil` when nothing is known of it now.
    package func presence(of peer: Peer.ID, in server: Server.ID) -> PresenceSnapshot? {
        if peer == me {
            return live.own.presence(now.monotonic).map {
                PresenceSnapshot($0, text: live.own.text)
            }
        }
        guard let entry = live.board.servers[server]?.presence[peer] else { return nil }
        return PresenceSnapshot(entry.state, text: entry.text)
    }

    /// Whether a member is there: it says so, or it is linked and has no channel to say it in.
    func isOnline(_ peer: Peer.ID, in slot: HostedServer, linked: Set<Peer.ID>) -> Bool {
        if peer == me || presence(of: peer, in: slot.id) != nil { return true }
        guard linked.contains(peer) else { return false }
        return !slot.state.holdingChannels.contains {
            slot.state.isReader(peer, of: $0.id, at: slot.state.now)
        }
    }

    /// Every counter of ephemeral messages by name; those that never counted are left out.
    package var liveCounters: [String: UInt64] {
        var counters = live.core.dropped.reduce(into: [String: UInt64]()) { sum, entry in
            sum["ephemeral_dropped_\(entry.key.rawValue)"] = entry.value
        }
        counters["ephemeral_taken"] = live.core.taken
        counters["ephemeral_forwarded"] = live.core.forwarded
        counters["ephemeral_sent"] = live.sent
        return counters
    }
}
