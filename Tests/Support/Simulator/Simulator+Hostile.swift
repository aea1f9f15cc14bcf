import PeerNet
import PeerNode
import PeerState

/// Links, frames and time of hostile nodes.
extension Simulator {
    func arrive(_ next: MemoryNetwork.Occurrence, at hostile: HostileNode) {
        switch next.event {
        case .opened(let link, let isDialler, _): open(hostile, link, isDialler: isDialler)
        case .bytes(let link, let bytes):
            if hostile.kind == .replayer, hostile.recorded.count < 64 {
                hostile.recorded.append(bytes)
            }
            session(hostile, link, .bytes(bytes))
        case .closed(let link): close(hostile, link)
        case .dialFailed, .wake: break
        }
    }

    private func open(_ hostile: HostileNode, _ link: LinkID, isDialler: Bool) {
        linkNodes[link] = hostile.index
        if hostile.kind == .garbage { return sendGarbage(hostile, link) }
        let session = Session(
            role: isDialler ? .dialler(expected: nil) : .listener, identity: hostile.key,
            staticKey: hostile.staticKey, network: "main", incarnation: hostile.incarnation,
            features: 0, listenPort: 4646, entropy: hostile.entropy.split(), now: now)
        hostile.sessions[link] = session
        self.session(hostile, link, .start)
    }

    private func sendGarbage(_ hostile: HostileNode, _ link: LinkID) {
        coverage.note(.garbage)
        switch hostile.draw(4) {
        case 0: break  // Half open and silent.
        case 1: network.send([0, 0], on: link)
        case 2: network.send(hostile.entropy.bytes(2_000), on: link)
        default: network.send([0, 96] + hostile.entropy.bytes(96), on: link)
        }
        hostile.peers[link] = hostile.peer
    }

    private func close(_ hostile: HostileNode, _ link: LinkID) {
        hostile.sessions[link] = nil
        guard hostile.peers.removeValue(forKey: link) != nil, hostile.kind != .garbage else {
            return
        }
        sync(hostile, .linkDown(link))
    }

    func session(_ hostile: HostileNode, _ link: LinkID, _ input: Session.Input) {
        let effects = hostile.sessions[link]?.handle(input, now: now) ?? []
        for effect in effects {
            switch effect {
            case .write(let bytes): write(hostile, link, bytes)
            case .established(let hello):
                hostile.peers[link] = hello.identity
                sync(
                    hostile,
                    .linkUp(
                        link, peer: hello.identity, incarnation: hello.incarnation,
                        isDialler: true))
            case .frame(let frame): receive(hostile, link, frame)
            case .wake, .flooded: break
            case .close:
                network.close(link)
                close(hostile, link)
            }
        }
    }

    private func write(_ hostile: HostileNode, _ link: LinkID, _ bytes: [UInt8]) {
        note(hostile.index, "hostile writes \(bytes.count)", code: 20, bytes)
        network.send(bytes, on: link)
    }

    private func receive(_ hostile: HostileNode, _ link: LinkID, _ frame: [UInt8]) {
        if [.stranger, .exMember].contains(hostile.kind) { checkTold(hostile, link, frame) }
        if hostile.kind == .replayer, hostile.recorded.count < 128 {
            hostile.recorded.append(frame)
        }
        sync(hostile, .frame(link, frame))
    }

    /// A stranger must learn nothing of a server, and a former member nothing but how it ended
    /// (H-084).
    private func checkTold(_ hostile: HostileNode, _ link: LinkID, _ frame: [UInt8]) {
        let message: SyncMessage
        do { message = try SyncMessage(decoding: frame) } catch {
            return violate("I-16", "an honest node sent a frame that does not read")
        }
        if hostile.kind == .exMember, !isDismissed(hostile, link, message.server) { return }
        switch message {
        case .push, .headFull, .preSync, .iHave, .stateTell, .headsDelta, .hello, .neg, .negNeed,
            .peers:
            violate("I-25", "a stranger was told about a server: \(message.type)")
        case .events(_, _, let envelopes, _)
        where hostile.kind == .stranger || envelopes.count > Limits.lowerings:
            violate("I-25", "a stranger was given events")
        default: break
        }
    }

    /// Whether the node at the other end has known for a while that this one is no member.
    private func isDismissed(
        _ hostile: HostileNode, _ link: LinkID, _ server: Server.ID?
    ) -> Bool {
        guard let server, let other = network.otherEnd(of: link),
            let index = network.node(of: other), let node = honest(index),
            let slot = node.core?.servers[server], slot.hasHistory,
            slot.state.standing(of: hostile.peer) == nil
        else { return false }
        guard let since = hostile.dismissed[index] else {
            hostile.dismissed[index] = now
            return false
        }
        // What was on its way when faults ended has come by then.
        return now > since + .seconds(20) && now > Instant.zero + Milliseconds(plan.end + 5_000)
    }

    func sync(_ hostile: HostileNode, _ input: SyncCore.Input) {
        let effects = hostile.sync.handle(input, context: hostile.context, now: now)
        for effect in effects {
            switch effect {
            case .send(let link, let frame):
                for sent in rewrite(hostile, frame) { send(hostile, sent, on: link) }
            case .deliver(let server, let envelopes, let link, let wantID):
                deliver(hostile, server, envelopes, link, wantID)
            case .read(let request): sync(hostile, .loaded(request.id, hostile.page(request)))
            case .badFrame, .close, .rejected, .unmet, .offered, .lowered, .caughtUp, .doubted,
                .differs, .progress, .unhandled, .wake:
                break
            }
        }
    }

    func send(_ hostile: HostileNode, _ frame: [UInt8], on link: LinkID) {
        guard (1...Limits.maxFrame).contains(frame.count) else { return }
        session(hostile, link, .send(frame: frame))
    }

    private func deliver(
        _ hostile: HostileNode, _ server: Server.ID, _ envelopes: [[UInt8]], _ link: LinkID,
        _ wantID: UInt64?
    ) {
        let taken = envelopes.flatMap { hostile.take($0, server) }
        sync(hostile, .committed(server, taken))
        if let wantID {
            let bytes = envelopes.reduce(0) { $0 + $1.count }
            sync(hostile, .consumed(link, wantID: wantID, bytes: bytes))
        }
    }

    /// What an invited hostile node does with its invite.
    func join(_ hostile: HostileNode, _ code: String) {
        do {
            let invite = try Invite(code: code)
            hostile.isJoined = true
            hostile.replicas[invite.server] = Replica(id: invite.server)
            sync(hostile, .serverAdded(invite.server))
            for address in invite.addresses { dial(hostile, address) }
        } catch {
            violate("I-16", "an invite made by a node does not read")
        }
    }

    func dial(_ hostile: HostileNode, _ address: String) {
        guard let peer = Self.node(at: address), isReachable(peer) else { return }
        if let (own, other) = network.connect(from: hostile.index, to: peer) {
            linkNodes[own] = hostile.index
            linkNodes[other] = peer
        }
    }

    /// Every half second of virtual time: keeps links up and attacks.
    func tick(_ index: Int) {
        guard let hostile = hostiles[index], isAttacking else { return }
        schedule(.tick(hostile: index), after: 500)
        hostile.ticks += 1
        for link in hostile.sessions.keys.sorted() { session(hostile, link, .tick) }
        sync(hostile, .timer)
        if hostile.ticks % 8 == 0, hostile.sessions.count < 4 {
            dial(hostile, Self.address(Int(hostile.draw(UInt64(plan.honest)))))
        }
        if hostile.ticks > 30, !hostile.isIdle { attack(hostile) }
    }

    /// Hostile nodes go on while the run does; they fall silent when it is judged.
    private var isAttacking: Bool { now < Instant.zero + Milliseconds(plan.end + 20_000) }
}
