import PeerState

// Members that are none any more: what they are told, and what they may still bring.
extension SyncCore {
    /// Tells linked peers at once that they are members no more; they would learn it from the
    /// answer to their next Hello.
    mutating func loweringStored(_ server: Server.ID, _ turn: inout Turn) {
        for link in peers.keys.sorted() {
            guard let peer = peers[link], turn.context.standing(of: peer, in: server) == .former
            else { continue }
            sayFarewell(link, server, &turn)
        }
    }

    /// Sends a former member what ended its membership, once per link, and asks for the rest of its
    /// own chain.
    ///
    /// What is not durable yet is said when it is: a crash would take it back, and its author's
    /// next event would stand in its place.
    mutating func sayFarewell(_ link: LinkID, _ server: Server.ID, _ turn: inout Turn) {
        guard let peer = links[link]?.peer, links[link]?.farewells.contains(server) == false,
            let all = turn.context.lowerings(of: peer, in: server)
        else { return }
        links[link]?.farewells.insert(server)
        // What let the peer in may be void because its author forked.
        if !turn.context.forks(of: server).isEmpty {
            turn.effects.append(.differs(server, from: link))
        }
        sendEvents(Array(all.prefix(Limits.lowerings)), id: 0, isLast: true, server, link, &turn)
        let next = (turn.context.heads(of: server)[peer]?.seq ?? 0) + 1
        guard next <= Limits.maxSeq else { return }
        repair(SeqRange(author: peer, from: next, to: Limits.maxSeq), link, server, &turn)
    }

    /// Asks for what follows of this node's own chain, once per link and server.
    mutating func seekOwn(_ link: LinkID, _ server: Server.ID, _ turn: inout Turn) {
        guard (links[link]?.sought.count ?? 0) < Limits.soughtPerLink,
            links[link]?.sought.insert(server).inserted == true
        else { return }
        let next = (turn.context.heads(of: server)[identity]?.seq ?? 0) + 1
        guard next <= Limits.maxSeq else { return }
        repair(SeqRange(author: identity, from: next, to: Limits.maxSeq), link, server, &turn)
    }

    /// Takes what a member says ended our own membership; once per link and server.
    mutating func lowered(
        _ envelopes: [[UInt8]], isLast: Bool, _ link: LinkID, _ server: Server.ID,
        _ turn: inout Turn
    ) {
        let before = links[link]?.lowered[server] ?? 0
        guard before + envelopes.count <= Limits.lowerings else {
            if before < Limits.lowerings {
                badFrame(SyncFrameType.events.rawValue, server, 0, link, &turn)
            }
            return
        }
        links[link]?.lowered[server] = isLast ? Limits.lowerings : before + envelopes.count
        guard !envelopes.isEmpty else { return }
        turn.effects.append(.lowered(server, envelopes, from: link))
    }

    /// Whether an envelope says that it is by the peer of a link.
    func isOwn(_ envelope: [UInt8], of link: LinkID) -> Bool {
        do throws(Failure<WireCode>) {
            return try EventHeader(envelope: envelope).author == links[link]?.peer
        } catch {
            return false
        }
    }
}
