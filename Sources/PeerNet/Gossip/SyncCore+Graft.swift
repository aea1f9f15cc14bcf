import PeerState

// Who asks for an event by its id, or for a short range before it, is sent both at once.
extension SyncCore {
    /// What a read of the store for a Graft is for.
    struct GraftRead: Hashable, Sendable {
        let link: LinkID
        let server: Server.ID
    }

    mutating func receiveGraft(
        _ id: Event.ID?, _ range: SeqRange?, _ link: LinkID, _ server: Server.ID,
        _ turn: inout Turn
    ) {
        grow(server, turn)
        let payload = id.flatMap { payloads[$0] }
        let isKnown = payload != nil || id.map { turn.context.isKnown($0, in: server) } ?? true
        let isEarly = servers[server]?.tree?.isInBackoff(link, turn.now) == true
        gossip(.grafted(from: link, isKnown: isKnown), server, &turn)
        guard !isEarly, let peer = links[link]?.peer, scores.standing(of: peer, turn.now) > .silent
        else {
            return
        }
        let wanted = readable(id, range, hasPayload: payload != nil, server, turn)
        if let wanted, graftReads.count < Limits.graftReads {
            lastReadID += 1
            let readID = ReadID(lastReadID)
            graftReads[readID] = GraftRead(link: link, server: server)
            turn.effects.append(
                .read(
                    ReadRequest(
                        id: readID, server: server, ranges: [wanted], after: nil,
                        maxBytes: Limits.readPage, maxCount: Int(Limits.graftRange),
                        needsTotals: false)))
        } else if let id, let payload {
            push(id, payload, link, server, &turn)
        }
    }

    /// The range to read: the one asked for, or the one event that is not at hand.
    private func readable(
        _ id: Event.ID?, _ range: SeqRange?, hasPayload: Bool, _ server: Server.ID, _ turn: Turn
    ) -> SeqRange? {
        if let range {
            let last = min(range.to, range.from + Limits.graftRange - 1)
            return SeqRange(author: range.author, from: range.from, to: last)
        }
        guard let id, !hasPayload, let place = turn.context.place(of: id, in: server) else {
            return nil
        }
        return SeqRange(author: place.author, from: place.seq, to: place.seq)
    }

    /// Pushes what the store had; false when the read was not for a Graft.
    mutating func loadedGraft(_ page: Page, _ readID: ReadID, _ turn: inout Turn) -> Bool {
        guard let read = graftReads.removeValue(forKey: readID) else { return false }
        guard isMember(read.link, read.server, turn) else { return true }
        for envelope in page.envelopes {
            do throws(Failure<WireCode>) {
                push(try Envelope(decoding: envelope).id, envelope, read.link, read.server, &turn)
            } catch {
                continue  // Only a store that lies; the peer asks elsewhere.
            }
        }
        return true
    }

    private func push(
        _ id: Event.ID, _ envelope: [UInt8], _ link: LinkID, _ server: Server.ID,
        _ turn: inout Turn
    ) {
        let round = servers[server]?.tree?.seen[id]?.round ?? 0
        turn.send(.push(server, round: round == .max ? .max : round + 1, envelope), to: link)
    }
}
