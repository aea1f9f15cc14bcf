import PeerNet
import PeerState

/// Finding out by itself that this node or another one folded wrongly (PROTOCOL 6.3).
extension NodeCore {
    /// Asks a peer with whom nothing is left to exchange whether it holds the same state; at most
    /// once in `Limits.comparePause`.
    mutating func compareState(of server: Server.ID, on link: LinkID) {
        guard let peer = links[link]?.peer, servers[server]?.hasHistory == true,
            servers[server]?.state.standing(of: peer) != nil, sync.foldsAlike(link, on: server)
        else { return }
        var book = agreements[server] ?? AgreementBook()
        if let last = book.compared[peer], now.monotonic < last + Limits.comparePause { return }
        book.compared[peer] = now.monotonic
        let nonce = entropy.next()
        book.unasked[peer] = nonce
        agreements[server] = book
        ask(link, server, nonce, wantSections: false)
    }

    /// Asks a peer for its state that has found this node's to be another.
    ///
    /// The question leaves before the answer to that peer, who mends itself when it has it: so both
    /// see the difference, and each can tell.
    mutating func askBack(_ server: Server.ID, _ link: LinkID) {
        guard let peer = links[link]?.peer, servers[server]?.hasHistory == true else { return }
        var book = agreements[server] ?? AgreementBook()
        let open = book.unasked[peer] ?? book.asked[peer]
        if open == nil, let last = book.askedBack[peer],
            now.monotonic < last + Limits.comparePause
        {
            return
        }
        let nonce = open ?? entropy.next()
        if open == nil {
            book.askedBack[peer] = now.monotonic
            book.unasked[peer] = nonce
        }
        agreements[server] = book
        askSections(link, server, nonce, peer)
    }

    /// Asks for what tells where two states differ, once per question.
    mutating func askSections(
        _ link: LinkID, _ server: Server.ID, _ nonce: UInt64, _ peer: Peer.ID
    ) {
        guard agreements[server]?.detailed[peer] != nonce else { return }
        agreements[server]?.detailed[peer] = nonce
        ask(link, server, nonce, wantSections: true)
    }

    /// Whether a difference is news; one that lasts is told once.
    mutating func isNews(
        _ verdict: StateAgreement.PeerVerdict, _ own: Digest.Value, _ server: Server.ID
    ) -> Bool {
        let difference = AgreementBook.Difference(ours: own, theirs: verdict.stateHash)
        guard agreements[server]?.told[verdict.peer] != difference else { return false }
        agreements[server, default: AgreementBook()].told[verdict.peer] = difference
        return true
    }

    /// Folds again from nothing what differs from somebody else's, whoever of the two is wrong.
    mutating func mend(_ server: Server.ID) {
        if let last = agreements[server]?.refolded, now.monotonic < last + Limits.refoldPause {
            return
        }
        guard servers[server]?.checkpoints.underWay == nil else { return }
        agreements[server, default: AgreementBook()].refolded = now.monotonic
        out.append(.refold(server))
    }

    /// Takes what folding every stored event gave, unless more came meanwhile.
    mutating func finishRefold(_ loaded: NodeStorage.LoadedServer) {
        let server = loaded.server.id
        guard let present = servers[server]?.state,
            FrontierDigest.of(present) == FrontierDigest.of(loaded.server.state)
        else {
            agreements[server]?.refolded = nil
            return
        }
        guard StateHash.hash(of: present) != StateHash.hash(of: loaded.server.state) else {
            return log.log(
                .warning, "server \(server): folded again from its events; the state holds")
        }
        log.log(.error, "server \(server): the state was wrong; it was made again from events")
        servers[server]?.adopt(refolded: loaded.server.replica)
        agreements[server]?.compared = [:]
        changeRights(server)
        for channel in servers[server]?.state.holdingChannels.map(\.id) ?? [] {
            change(.messages(server, channel))
        }
        change(.server(server))
        change(.agreement(server))
        #if DEBUG
            if keepsRowsWrong { flipRow(of: server) }
        #endif
    }
}

extension Limits {
    /// The least time between two comparisons with one peer: less than an anti-entropy period.
    static let comparePause = Milliseconds.seconds(10)
    /// The least time between two folds from nothing, which a hostile peer may ask for.
    static let refoldPause = Milliseconds.seconds(3_600)
}
