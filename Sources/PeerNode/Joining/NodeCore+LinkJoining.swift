import PeerNet
import PeerState

/// Joining by a link: asking those it names until one of them admits this node (PROTOCOL 4.5).
extension NodeCore {
    /// Begins to ask; the server must be prepared already.
    mutating func beginAsking(_ join: LinkJoin) {
        linkJoins[join.server] = join
        servers[join.server]?.doorway.isAsking = true
        askToJoin(join.server)
    }

    /// Asks everybody the link leads to, dials its addresses again, and plans the next round.
    private mutating func askToJoin(_ server: Server.ID) {
        guard var join = linkJoins[server], !join.isAdmitted else { return }
        for address in join.addresses.sorted() where Address(address) != nil {
            noteInvited(address, server)
        }
        join.plan(now.monotonic)
        wakes.add(join.due)
        linkJoins[server] = join
        askNext(server)
    }

    /// Somebody may be there now who can be asked.
    mutating func askWaiting() {
        for server in linkJoins.keys.sorted() where linkJoins[server]?.awaited == nil {
            askNext(server)
        }
    }

    /// Asks one more of those who are linked, unless nobody is left in this round.
    private mutating func askNext(_ server: Server.ID) {
        guard let join = linkJoins[server], !join.isAdmitted else { return }
        let next = links.keys.sorted { $0.number < $1.number }.first { link in
            !join.tried.contains(link) && links[link].map { join.mayAsk($0) } == true
        }
        linkJoins[server]?.awaited = next
        guard let next else { return }
        linkJoins[server]?.tried.insert(next)
        linkJoins[server]?.asked.insert(next)
        session(next, .send(frame: join.ask(for: me).bytes))
    }

    /// Asks again where nobody has answered in time; nobody may be there yet.
    mutating func retryJoins() {
        for server in linkJoins.keys.sorted() {
            guard let join = linkJoins[server], !join.isAdmitted, join.due <= now.monotonic else {
                continue
            }
            askToJoin(server)
        }
    }

    mutating func forgetAsked(_ link: LinkID) {
        for server in linkJoins.keys.sorted() {
            linkJoins[server]?.asked.remove(link)
            guard linkJoins[server]?.awaited == link else { continue }
            linkJoins[server]?.awaited = nil
            askNext(server)
        }
    }

    /// Takes an answer of somebody who was asked, about this very request; nothing else counts.
    mutating func receive(
        _ answer: SyncMessage.JoinAnswer, of server: Server.ID, on link: LinkID
    ) {
        guard let peer = links[link]?.peer else { return }
        guard let join = linkJoins[server], join.asked.contains(link), answer.link == join.link,
            !join.isAdmitted
        else { return receiveLateAnswer(answer, of: server, from: peer, on: link) }
        switch answer.status {
        case .pending: askNext(server)
        case .admitted:
            guard let admission = answer.envelope.flatMap({ admission(in: $0, join) }) else {
                return
            }
            linkJoins[server]?.admission = admission
            enter(server, with: peer)
        case .refused where answer.code == RuleCode.alreadyMember.word: enter(server, with: peer)
        case .refused:
            noteRefusal(answer.code ?? "", by: peer, server)
            askNext(server)
        }
    }

    /// The admission of this node by its own claim; `nil` when it is anything else.
    private func admission(in bytes: [UInt8], _ join: LinkJoin) -> Event.ID? {
        do {
            let event = try Replica.examine(Envelope(decoding: bytes), for: join.server)
            guard let body = event.body as? MemberAdmitted, body.link == join.link,
                body.target == me, body.claim == join.claim
            else { return nil }
            return event.id
        } catch {
            log.log(.info, "an answer to a join request does not verify: \(error)")
            return nil
        }
    }

    /// Believes the peer that admitted this node, and those the link names, until history is here.
    private mutating func enter(_ server: Server.ID, with peer: Peer.ID) {
        guard linkJoins[server]?.isAdmitted == false else { return }
        linkJoins[server]?.isAdmitted = true
        servers[server]?.doorway.isAsking = false
        servers[server]?.introducers.insert(peer)
        syncHandle(.serverAdded(server))
        tellJoin(server, refusal: nil)
    }

    private mutating func noteRefusal(_ code: String, by peer: Peer.ID, _ server: Server.ID) {
        guard let failure = Self.denial(code), linkJoins[server]?.isAdmitted == false else {
            return
        }
        linkJoins[server]?.refusals[peer] = code
        tellJoin(server, refusal: failure.word)
        // Whoever else answers at an address of the link has not the last word.
        guard let join = linkJoins[server],
            join.named.contains(peer)
                || !links.values.contains(where: { $0.peer.map(join.named.contains) ?? false })
        else { return }
        log.log(.info, "server \(server.short): the join link was refused: \(failure.word)")
        failJoin(server, failure)
    }

    /// What a refusal means to whoever joins; `nil` for words that end nothing.
    static func denial(_ code: String) -> NodeFailure? {
        switch code {
        case "linkExpired": NodeFailure(.linkExpired, "ask for a new link")
        case "linkExhausted", "overClaimed":
            NodeFailure(.linkExhausted, "as many peers as it is for have used it")
        case "linkDisabled": NodeFailure(.linkDisabled, "the link was revoked")
        case "badClaim": NodeFailure(.badClaim, "the link was changed on its way; copy it whole")
        case "wrongRecipient": NodeFailure(.wrongRecipient, "the link is for another peer")
        case "needsGrant":
            NodeFailure(.needsGrant, "who was removed returns by a direct invite only")
        case "limit": NodeFailure(.limit, "the server takes no more members")
        default: nil
        }
    }

    /// Ends a join with history here that did not become a membership: too many claimed at once.
    mutating func settleOverclaim(_ server: Server.ID) {
        guard let join = linkJoins[server], join.isAdmitted, let slot = servers[server],
            slot.hasHistory, !slot.isMember, let admission = join.admission,
            let void = slot.state.verdict(on: admission), let failure = Self.denial(void.word)
        else { return }
        failJoin(server, failure)
    }

    /// Gives up a join and answers those who wait for it; what was only prepared is forgotten.
    mutating func failJoin(_ server: Server.ID, _ failure: NodeFailure) {
        let replies = joins.removeValue(forKey: server)?.replies ?? []
        endJoin(server)
        if let slot = servers[server], !slot.isMember, slot.state.lastPlace(of: me) == nil {
            dropServer(server)
        }
        for reply in replies { out.append(.reply(reply, .failure(failure))) }
    }

    /// Ends a join that waits; `nil` when none does.
    mutating func cancelJoin(_ server: Server.ID) -> Outcome? {
        guard let slot = servers[server], !slot.hasHistory || linkJoins[server] != nil,
            !slot.isMember
        else { return nil }
        failJoin(server, NodeFailure(.conflict, "the join was given up"))
        return Outcome(.applied, server: server)
    }

    /// Nothing is asked or believed beyond state any more.
    mutating func endJoin(_ server: Server.ID) {
        linkJoins[server] = nil
        servers[server]?.doorway.isAsking = false
        servers[server]?.doorway.isReturning = false
        current.batch.settings.append(Setting(name: Self.joiningSetting(server), value: nil))
    }
}
