import PeerNet
import PeerState

/// Letting holders of join links in, for an issuer who need not be there (PROTOCOL 4.5, 9.2).
extension NodeCore {
    /// Looks at a request; what names no link known here gets silence, whoever asks.
    mutating func receive(
        _ ask: SyncMessage.JoinAsk, of server: Server.ID, on link: LinkID
    ) {
        guard let peer = links[link]?.peer, links[link]?.joinAsks.take(now.monotonic) == true
        else { return }
        let isHandedOn = ask.target != peer
        // Says nothing about any server: whoever asks in another's name gets it.
        guard !isHandedOn || isMember(peer, of: server) else {
            return refuse(ask, "unknownPeer", server, link)
        }
        guard let slot = servers[server], slot.isMember, slot.hasHistory,
            slot.state.knows(link: ask.link), joinAsks.take(now.monotonic)
        else { return }
        if !isHandedOn { links[link]?.asks[server] = ask.link }
        if let admission = slot.state.admission(of: ask.target, by: ask.link) {
            // Not durable yet: it is answered when it is.
            if slot.doorway.unanswered.contains(ask.target) { return }
            return answer(ask, slot.keptEnvelopes[admission], server, link)
        }
        do {
            try admit(ask, server, mayHandOn: isHandedOn ? nil : link)
        } catch {
            refuse(ask, error.code.word, server, link)
        }
    }

    private func isMember(_ peer: Peer.ID, of server: Server.ID) -> Bool {
        servers[server]?.standing(of: peer) == .member
    }

    /// Writes the admission, which is answered once it is durable, or hands the request on.
    ///
    /// - Parameter mayHandOn: the link of the asker; `nil` when somebody handed the request on.
    /// - Errors: those of an admission; no use is consumed.
    private mutating func admit(
        _ ask: SyncMessage.JoinAsk, _ server: Server.ID, mayHandOn link: LinkID?
    ) throws(Failure<RuleCode>) {
        guard let slot = servers[server] else { return }
        // First of all: who lacks the secret learns nothing about the link.
        guard slot.state.isValid(ask.claim, of: ask.link, for: ask.target) else {
            throw Failure(.badClaim)
        }
        if slot.state.standing(of: ask.target) != nil { throw Failure(.alreadyMember) }
        guard slot.state.mayAdmit(me), !recovery.blocks(server), !pause.isOn else {
            if let denial = denial(of: ask.link, slot.state) { throw Failure(denial) }
            if let link { handOn(ask, server, from: link) }
            throw Failure(.pending)
        }
        let writer = writer(in: server)
        let body = MemberAdmitted(link: ask.link, target: ask.target, claim: ask.claim)
        let stored = try servers[server]?.replica.author(body, by: writer) ?? []
        accept(stored, in: server, from: nil)
        log.log(.info, "peer \(ask.target) joins server \(server) by link \(ask.link)")
    }

    /// What is wrong with a link that this node may not use itself.
    private func denial(of link: Event.ID, _ state: ServerState) -> RuleCode? {
        guard let info = state.link(link) else { return nil }
        if let expiry = info.expiryMilliseconds, now.wallMilliseconds > expiry {
            return .linkExpired
        }
        switch info.status {
        case .revoked: return .linkDisabled
        case .exhausted: return .linkExhausted
        case .live: return nil
        }
    }

    /// Gives the request of a stranger to a few members that may admit.
    private mutating func handOn(
        _ ask: SyncMessage.JoinAsk, _ server: Server.ID, from link: LinkID
    ) {
        guard let state = servers[server]?.state else { return }
        let able = links.keys.sorted { $0.number < $1.number }.filter { other in
            other != link && links[other]?.peer.map { state.mayAdmit($0) } ?? false
        }
        for other in able.prefix(Limits.joinForwards) {
            session(other, .send(frame: SyncMessage.joinAsk(server, ask).bytes))
        }
    }

    /// Tells those who were admitted by a batch, before anything else of that server reaches them.
    mutating func answerAdmitted(_ entries: [Inflight.Entry]) {
        for entry in entries {
            guard let body = entry.event.body(as: MemberAdmitted.self) else { continue }
            servers[entry.server]?.doorway.unanswered.remove(body.target)
            guard !entry.isVoid else { continue }
            for link in links.keys.sorted(by: { $0.number < $1.number })
            where links[link]?.peer == body.target && links[link]?.asks[entry.server] == body.link {
                links[link]?.asks[entry.server] = nil
                let ask = SyncMessage.JoinAsk(
                    link: body.link, target: body.target, claim: body.claim)
                answer(ask, entry.envelope, entry.server, link)
            }
        }
    }

    private mutating func answer(
        _ ask: SyncMessage.JoinAsk, _ envelope: [UInt8]?, _ server: Server.ID, _ link: LinkID
    ) {
        let answer = SyncMessage.JoinAnswer(
            link: ask.link, status: envelope == nil ? .pending : .admitted, code: nil,
            envelope: envelope)
        session(link, .send(frame: SyncMessage.joinAnswer(server, answer).bytes))
    }

    /// What a stranger may be told; everything else is only "not now".
    private static let denials: Set<String> = [
        "linkDisabled", "linkExpired", "linkExhausted", "badClaim", "wrongRecipient", "needsGrant",
        "alreadyMember", "limit", "unknownPeer",
    ]

    private mutating func refuse(
        _ ask: SyncMessage.JoinAsk, _ code: String, _ server: Server.ID, _ link: LinkID
    ) {
        let isTold = Self.denials.contains(code)
        let answer = SyncMessage.JoinAnswer(
            link: ask.link, status: isTold ? .refused : .pending, code: isTold ? code : nil,
            envelope: nil)
        session(link, .send(frame: SyncMessage.joinAnswer(server, answer).bytes))
    }
}
