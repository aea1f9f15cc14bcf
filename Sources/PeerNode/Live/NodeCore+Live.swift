import PeerNet
import PeerState

extension ReplicaContext: EphemeralContext {
    func isActive(_ peer: Peer.ID, in server: Server.ID) -> Bool {
        hosted[server]?.state.standing(of: peer) != nil
    }

    func channel(of epoch: Epoch.ID, in server: Server.ID) -> Channel.ID? {
        hosted[server]?.state.epochs[epoch]?.channel
    }

    func isReader(_ peer: Peer.ID, of channel: Channel.ID, in server: Server.ID) -> Bool {
        guard let state = hosted[server]?.state else { return false }
        return state.isReader(peer, of: channel, at: state.now)
    }
}

/// Hearing what nobody stores, and letting it end.
extension NodeCore {
    mutating func receiveEphemeral(_ frame: EphemeralFrame, from link: LinkID) {
        let effects = live.core.handle(
            .received(frame, from: link), context: ReplicaContext(hosted: servers, me: me),
            now: now)
        for effect in effects {
            switch effect {
            case .invalid(let link): syncHandle(.invalid(link))
            case .spread(let frame, let link): syncHandle(.spread(frame, from: link))
            case .deliver(let frame, let channel): hear(frame, in: channel)
            }
        }
    }

    /// Opens what this node may read and shows it.
    private mutating func hear(_ frame: EphemeralFrame, in channel: Channel.ID?) {
        guard let channel, let epoch = frame.epoch,
            let until = EphemeralCore.end(of: frame, at: now),
            mayRead(channel, in: frame.server),
            var key = servers[frame.server]?.keys.key(epoch)
        else { return }
        defer { Sodium.wipe(&key) }
        do throws(EphemeralDrop) {
            let payload = try open(frame, key)
            try check(payload, in: channel, of: frame.server)
            let room = live.own.room.flatMap { $0.server == frame.server ? $0.channel : nil }
            tell(
                try live.board.hear(
                    Heard(
                        payload, by: frame.author, in: frame.server, until: until,
                        atMilliseconds: now.wallMilliseconds),
                    room: room))
        } catch {
            live.core.count(error)
        }
    }

    private func open(
        _ frame: EphemeralFrame, _ key: [UInt8]
    ) throws(EphemeralDrop) -> LivePayload {
        guard let nonce = frame.nonce,
            let plain = frame.place?.open(frame.payload, channelKey: key, nonce: nonce)
        else { throw .undecryptable }
        do throws(Failure<WireCode>) {
            return try LivePayload(decoding: plain, topic: frame.topic)
        } catch {
            throw .badPayload
        }
    }

    /// What it says is of the channel whose key it uses, and that channel is of the right kind.
    private func check(
        _ payload: LivePayload, in channel: Channel.ID, of server: Server.ID
    ) throws(EphemeralDrop) {
        guard let named = payload.channel else { return }
        let isVoice: Bool
        switch payload {
        case .voice, .signal: isVoice = true
        case .typing, .delta, .presence: isVoice = false
        }
        guard named == channel, servers[server]?.state.channel(channel)?.isVoice == isVoice else {
            throw .wrongChannel
        }
    }

    func mayRead(_ channel: Channel.ID, in server: Server.ID) -> Bool {
        isReader(me, of: channel, in: server)
    }

    private func isReader(_ peer: Peer.ID, of channel: Channel.ID, in server: Server.ID) -> Bool {
        guard let slot = servers[server], slot.state.channel(channel) != nil else { return false }
        return slot.state.isReader(peer, of: channel, at: slot.state.now)
    }

    mutating func tell(_ events: [LiveEvent]) {
        guard !events.isEmpty else { return }
        for event in events { if let change = event.change { self.change(change) } }
        out.append(.live(events))
    }

    // What ends and what is due

    /// Runs after every input, and looks only when something is due.
    mutating func runLive() {
        if live.isDue(now.monotonic) {
            live.isDirty = false
            tell(live.board.expire(now.monotonic))
            for _ in 0..<live.board.takeUnheard() { live.core.count(.notInVoice) }
            for server in live.unswept.sorted() { sweep(server) }
            live.unswept = []
            sayWhatIsDue()
        }
        if let at = live.toArm(now.monotonic) { wakes.add(at) }
    }

    private mutating func sweep(_ server: Server.ID) {
        guard let state = servers[server]?.state else { return live.board.drop(server) }
        tell(
            live.board.prune(
                server, isMember: { state.standing(of: $0) != nil },
                isReader: { peer, channel in
                    state.channel(channel) != nil
                        && state.isReader(peer, of: channel, at: state.now)
                }))
        if let room = live.own.room, room.server == server, !mayRead(room.channel, in: server) {
            endRoom()
        }
    }

    /// Leaves the room without a word: it is gone, or closed to this node.
    mutating func endRoom() {
        guard let room = live.own.leave() else { return }
        live.board.hangUp(in: room.server)
        tell([
            LiveEvent(server: room.server, channel: room.channel, peer: me, what: .voiceLeft)
        ])
    }

    // What others do

    /// A link is up: its peer has not heard how this node is.
    mutating func noteCompany(of peer: Peer.ID) {
        for server in servers.keys where servers[server]?.state.standing(of: peer) != nil {
            live.own.someoneCame(to: server)
        }
        live.isDirty = true
    }

    /// Events are durable: a message ends its author's typing, and rights may have changed.
    mutating func noteLive(_ entries: [Inflight.Entry], in server: Server.ID) {
        for entry in entries where !entry.isVoid {
            if let body = entry.event.body as? MessagePosted {
                tell(live.board.posted(by: entry.event.author, in: body.channel, of: server))
                if entry.event.author == me { finishStream(entry.event, in: server) }
            }
            guard EventKinds.isSetup(entry.event.kind) else { continue }
            live.unswept.insert(server)
            // Whoever came in, or got a key, has not heard how this node is.
            live.own.someoneCame(to: server)
        }
    }

    mutating func forgetLive(_ link: LinkID) {
        _ = live.core.handle(
            .linkDown(link), context: ReplicaContext(hosted: servers, me: me), now: now)
    }

    mutating func forgetLive(_ server: Server.ID) {
        _ = live.core.handle(
            .serverDropped(server), context: ReplicaContext(hosted: servers, me: me), now: now)
        live.board.drop(server)
        live.own.forget(server)
        if live.own.room?.server == server { endRoom() }
    }
}
