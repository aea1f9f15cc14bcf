import PeerNet
package import PeerState

/// Comparing states with linked members (PROTOCOL 6.3).
extension NodeCore {
    /// Asks every linked member for its state that folds by the same rules.
    package mutating func askStates(of server: Server.ID) throws(NodeFailure) {
        _ = try hosted(server)
        var book = agreements[server] ?? AgreementBook()
        book.asked = [:]
        book.verdicts = [:]
        let linked = linkedMembers(of: server).filter { sync.foldsAlike($0, on: server) }
        for link in linked {
            guard let peer = links[link]?.peer else { continue }
            let nonce = entropy.next()
            book.asked[peer] = nonce
        }
        agreements[server] = book
        for link in linked {
            guard let peer = links[link]?.peer, let nonce = book.asked[peer] else { continue }
            ask(link, server, nonce, wantSections: false)
        }
        change(.agreement(server))
    }

    mutating func ask(
        _ link: LinkID, _ server: Server.ID, _ nonce: UInt64, wantSections: Bool
    ) {
        let message = SyncMessage.stateAsk(server, nonce: nonce, wantSections: wantSections)
        session(link, .send(frame: message.bytes))
    }

    /// Whether somebody who was asked has not answered and is still linked.
    package func isAskingStates(of server: Server.ID) -> Bool {
        let linked = Set(links.values.compactMap(\.peer))
        return agreements[server]?.asked.keys.contains { linked.contains($0) } ?? false
    }

    mutating func noteState(
        _ tell: SyncMessage.StateTell, of server: Server.ID, from link: LinkID
    ) {
        guard let peer = links[link]?.peer, let state = servers[server]?.state,
            let book = agreements[server], sync.foldsAlike(link, on: server),
            book.asked[peer] == tell.nonce || book.unasked[peer] == tell.nonce
        else { return }
        var verdict = judge(tell, by: peer, state)
        if verdict.verdict == .differ {
            guard let sections = tell.sections else {
                return askSections(link, server, tell.nonce, peer)
            }
            let own = StateHash.encodedSections(of: state)
            verdict.section = StateHash.firstDifference(own, sections)
            let hash = StateHash.hash(of: state)
            if isNews(verdict, hash, server) { warn(of: verdict, hash, server) }
            mend(server)
        }
        if book.unasked[peer] == tell.nonce {
            agreements[server]?.unasked[peer] = nil
            // What was not asked for is shown when it is a surprise.
            guard verdict.verdict == .differ else { return }
        } else {
            agreements[server]?.asked[peer] = nil
        }
        agreements[server]?.verdicts[peer] = verdict
        change(.agreement(server))
    }

    private func judge(
        _ tell: SyncMessage.StateTell, by peer: Peer.ID, _ state: ServerState
    ) -> StateAgreement.PeerVerdict {
        var verdict = StateAgreement.PeerVerdict(peer: peer, verdict: .agree)
        verdict.stateHash = tell.stateHash
        verdict.atMilliseconds = now.wallMilliseconds
        if tell.digest == FrontierDigest.of(state) {
            if tell.stateHash != StateHash.hash(of: state) { verdict.verdict = .differ }
            return verdict
        }
        let own = servers[state.id]?.committedCount ?? 0
        verdict.verdict = tell.events > own ? .ahead : .behind
        verdict.eventsApart = tell.events > own ? tell.events - own : own - tell.events
        return verdict
    }

    private mutating func warn(
        of verdict: StateAgreement.PeerVerdict, _ own: Digest.Value, _ server: Server.ID
    ) {
        log.log(
            .error,
            "server \(server): peer \(verdict.peer) holds the same events and another state")
        var event = newEvent(.stateHashMismatch, server: server)
        event.add("peer_id", verdict.peer)
        event.add("our_hash", .word(own.hex))
        event.add("their_hash", .word(verdict.stateHash?.hex ?? ""))
        event.add("heads_equal", .flag(true))
        if let section = verdict.section { event.add("section", .number(UInt64(section))) }
        tell(event)
    }

    /// What is known of other nodes' states; those asked in vain are silent.
    package func agreement(in server: Server.ID) throws(NodeFailure) -> StateAgreement {
        let slot = try hosted(server)
        let book = agreements[server] ?? AgreementBook()
        let silent = book.asked.keys.map {
            StateAgreement.PeerVerdict(peer: $0, verdict: .silent)
        }
        return StateAgreement(
            stateHash: StateHash.hash(of: slot.state), events: slot.committedCount,
            peers: (Array(book.verdicts.values) + silent).sorted { $0.peer < $1.peer })
    }
}
