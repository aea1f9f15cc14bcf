import PeerNet
import PeerState

/// Learning that this node is no member of a server any more, which its members stop telling it.
extension NodeCore {
    /// Takes what a member shows of how this node's membership ended (PROTOCOL 9.1).
    ///
    /// What it rests on is not served any more, so the events may never take effect here; they are
    /// checked by themselves, and nothing more is written there until state knows better.
    mutating func receiveLowerings(
        _ envelopes: [[UInt8]], of server: Server.ID, from link: LinkID
    ) {
        guard let state = servers[server]?.state else { return }
        var shown: [Event.ID: Event] = [:]
        var order: [Event] = []
        for bytes in envelopes {
            do {
                let envelope = try Envelope(decoding: bytes)
                let isKnown = state.graph.contains(envelope.id)
                let event =
                    try isKnown
                    ? Event(decoding: envelope, for: server)
                    : Replica.examine(envelope, for: server)
                shown[event.id] = event
                order.append(event)
            } catch {
                reach.counters.count(.loweringsRefused)
                syncHandle(.invalid(link))
                return log.log(.info, "link \(link.number): a lowering does not verify: \(error)")
            }
        }
        let target: (Event.ID) -> Peer.ID? = { id in
            (shown[id]?.body as? Proposed)?.action.target ?? state.target(ofProposal: id)
        }
        let letIn = state.letIn(me)
        for event in order {
            guard let lowering = Lowering(event, of: me, letIn: letIn, target: target) else {
                continue
            }
            guard isProven(event, by: shown, state) else {
                reach.counters.count(.loweringsRefused)
                continue
            }
            if state.graph.contains(event.id) {
                noteShown(lowering, server, from: link)
                continue
            }
            note(lowering, envelopes, server)
            break
        }
        deliver(envelopes, to: server, from: link, wantID: nil)
    }

    /// Whether each author acts under a grant to himself, down to the founder's own word.
    private func isProven(
        _ event: Event, by shown: [Event.ID: Event], _ state: ServerState
    ) -> Bool {
        var (author, proof) = (event.author, event.proof)
        for _ in 0...Limits.maxDelegationDepth {
            guard let grant = proof else { return author == state.founder }
            guard let next = shown[grant] else { return state.isGrant(grant, to: author) }
            guard Self.target(ofGrant: next) == author else { return false }
            (author, proof) = (next.author, next.proof)
        }
        return false
    }

    private static func target(ofGrant event: Event) -> Peer.ID? {
        switch event.body {
        case let body as MemberGranted: body.target
        case let body as OwnershipTransferred: body.target
        default: nil
        }
    }

    private mutating func note(
        _ lowering: Lowering, _ envelopes: [[UInt8]], _ server: Server.ID
    ) {
        guard servers[server]?.doorway.lowering != lowering else { return }
        servers[server]?.doorway.lowering = lowering
        log.log(.warning, "server \(server.short): \(lowering.failure.detail)")
        if let envelope = envelopes.first(where: { Self.id(of: $0) == lowering.event }) {
            current.batch.settings.append(
                Setting(name: Self.loweredSetting(server), value: envelope))
        }
        noteStandingChange(server)
        settleRecovery()
    }

    /// Remembers that whoever answers for this node shows a lowering that is void here.
    private mutating func noteShown(_ lowering: Lowering, _ server: Server.ID, from link: LinkID) {
        guard let standing = servers[server]?.state.standing(of: me),
            servers[server]?.state.voucher(for: me) == links[link]?.peer
        else { return }
        servers[server]?.doorway.shown = ShownLowering(
            lowering: lowering, link: link, proof: standing.proof)
    }

    /// Believes it when the same link still says that this node is no member: what voids it here
    /// was fetched there meanwhile.
    private mutating func yield(_ server: Server.ID, _ link: LinkID) {
        guard let slot = servers[server], slot.lowering == nil,
            let shown = slot.doorway.shown, shown.link == link
        else { return }
        servers[server]?.doorway.overruling = shown
        log.log(.warning, "server \(server.short): \(shown.lowering.failure.detail)")
        noteStandingChange(server)
        settleRecovery()
    }

    private static func id(of envelope: [UInt8]) -> Event.ID? {
        do { return try Envelope(decoding: envelope).id } catch { return nil }
    }

    mutating func noteStandingChange(_ server: Server.ID) {
        change(.servers)
        change(.server(server))
        change(.members(server))
    }

    /// Where the lowering of this node is kept that state does not hold.
    static func loweredSetting(_ server: Server.ID) -> String { "lowered/\(server.hex)" }

    /// After all events were read again.
    mutating func restoreJoining(_ stored: StoredNode) {
        for setting in stored.settings {
            let parts = setting.name.split(separator: "/", maxSplits: 1)
            guard parts.count == 2, let value = setting.value, let server = Server.ID(hex: parts[1])
            else { continue }
            switch parts[0] {
            case "lowered": restoreLowering(server, value)
            case "refused": restoreRefusal(server, String(decoding: value, as: UTF8.self))
            default: break
            }
        }
    }

    /// Its proof was checked when it came.
    private mutating func restoreLowering(_ server: Server.ID, _ envelope: [UInt8]) {
        guard servers[server]?.state.isFounded == true else { return }
        do {
            let event = try Event(decoding: Envelope(decoding: envelope), for: server)
            let peer = me
            let letIn = servers[server]?.state.letIn(peer) ?? []
            let lowering = Lowering(event, of: peer, letIn: letIn) { _ in peer }
            servers[server]?.doorway.lowering = lowering
        } catch {
            log.log(.warning, "a stored lowering cannot be read: \(error)")
        }
    }

    /// Whoever answered may be gone by now, and nobody else could tell it once more.
    private mutating func restoreRefusal(_ server: Server.ID, _ code: String) {
        servers[server]?.doorway.refusal = Self.denial(code).map(Self.refusal)
    }

    /// Where the refusal of a newcomer too many is kept: its own state will never hold it.
    static func refusedSetting(_ server: Server.ID) -> String { "refused/\(server.hex)" }

    private static func refusal(_ failure: NodeFailure) -> NodeFailure {
        NodeFailure(
            .notMember, "the members do not count this node any more: \(failure.description)")
    }

    // Who came by a link may have been one too many, which makes him a stranger to everybody else.

    /// Asks the member that answers for this node, and does not know it now, what became of it.
    ///
    /// Nobody else: who only lags behind would admit it once more, and spend a use.
    mutating func askWhyRefused(_ server: Server.ID, _ link: LinkID, _ peer: Peer.ID) {
        guard let slot = servers[server], let proof = slot.state.standing(of: me)?.proof,
            let envelope = slot.keptEnvelopes[proof],
            let event = HostedServer.decode(envelope, of: server),
            slot.state.voucher(for: me) == peer,
            let admission = event.body as? MemberAdmitted,
            slot.doorway.askedAt.map({ $0 + Limits.askWhyAgain <= now.monotonic }) ?? true
        else { return }
        servers[server]?.doorway.askedAt = now.monotonic
        links[link]?.questioned.insert(server)
        let ask = SyncMessage.JoinAsk(
            link: admission.link, target: me, claim: admission.claim)
        session(link, .send(frame: SyncMessage.joinAsk(server, ask).bytes))
    }

    /// Takes the answer to that question; others are answers to nothing.
    mutating func receiveLateAnswer(
        _ answer: SyncMessage.JoinAnswer, of server: Server.ID, from peer: Peer.ID, on link: LinkID
    ) {
        guard links[link]?.questioned.contains(server) == true, let slot = servers[server],
            slot.state.voucher(for: me) == peer, answer.status == .refused,
            let code = answer.code, let failure = Self.denial(code)
        else { return }
        servers[server]?.doorway.isDoubted = false
        servers[server]?.doorway.refusal = Self.refusal(failure)
        current.batch.settings.append(
            Setting(name: Self.refusedSetting(server), value: Array(code.utf8)))
        log.log(.warning, "server \(server.short): \(failure.description)")
        noteStandingChange(server)
        if !slot.hasHistory { failJoin(server, failure) }
    }

    /// A member has said that this node is none: views lead it to those who know as little.
    mutating func noteDoubt(_ server: Server.ID, _ link: LinkID, _ peer: Peer.ID) {
        guard let slot = servers[server], slot.doorway.refusal == nil else { return }
        guard let voucher = slot.state.voucher(for: me) else { return }
        if voucher == peer {
            yield(server, link)
            return askWhyRefused(server, link, peer)
        }
        // It may have learned of it after this node last asked.
        let known = links.filter { $0.value.peer == voucher }.keys.min()
        if let known { return askWhyRefused(server, known, voucher) }
        guard !slot.doorway.isDoubted else { return }
        servers[server]?.doorway.isDoubted = true
        reach.isStale = true
    }

    /// Whoever answers for this node has talked about the server as with a member.
    ///
    /// Nobody else's word counts against a refusal: others may have been one too many as well.
    mutating func noteBelonging(_ server: Server.ID, with peer: Peer.ID) {
        guard servers[server]?.state.voucher(for: me) == peer else { return }
        servers[server]?.doorway.isDoubted = false
        if servers[server]?.doorway.overruling != nil {
            servers[server]?.doorway.overruling = nil
            noteStandingChange(server)
        }
        guard servers[server]?.doorway.refusal != nil else { return }
        servers[server]?.doorway.refusal = nil
        current.batch.settings.append(Setting(name: Self.refusedSetting(server), value: nil))
        noteStandingChange(server)
    }
}
