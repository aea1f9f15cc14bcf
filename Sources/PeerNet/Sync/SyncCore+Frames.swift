import PeerState

// Where each frame goes, by what its sender is in our state.
extension SyncCore {
    mutating func receive(_ bytes: [UInt8], _ link: LinkID, _ turn: inout Turn) {
        guard let peer = peers[link] else { return }
        let message: SyncMessage
        do throws(BadFrame) {
            message = try SyncMessage(decoding: bytes)
        } catch {
            badFrame(error.type, error.server, nil, link, &turn)
            return
        }
        switch message {
        case .unsupported: unsupportedFrames &+= 1
        case .credit(let id, let bytes): credited(bytes, link, id, &turn)
        case .blob where message.server == nil: turn.effects.append(.unhandled(link, message))
        case .reject(let reject) where reject.about == SyncFrameType.blobWant.rawValue:
            turn.effects.append(.unhandled(link, message))
        case .reject(let reject): rejected(reject, link, &turn)
        case .joinAsk, .joinAnswer: turn.effects.append(.unhandled(link, message))
        case .offer(let server, let envelopes): receiveOffer(envelopes, server, link, &turn)
        default:
            guard let server = message.server else { return }
            switch turn.context.standing(of: peer, in: server) {
            case .member: receive(message, server, fromMember: link, &turn)
            case .former: receive(message, server, fromFormer: link, &turn)
            case .stranger: receive(message, server, fromStranger: link, &turn)
            }
        }
    }

    /// Answers who is no member of the server he speaks of. Above `Limits.refusalsPerPeriod` there
    /// is no answer; going on costs score, once a second, since what was under way when somebody
    /// was removed comes all at once.
    private mutating func refuse(
        _ message: SyncMessage, _ link: LinkID, _ turn: inout Turn
    ) {
        if links[link]?.strangerAnswers.take(turn.now) == true {
            turn.send(message.refusal("notMember"), to: link)
        } else if links[link]?.strangerFaults.take(turn.now) == true {
            blame(link, .behaviour(.notMember), &turn)
        }
    }

    /// Answers a frame that does not read, or contradicts what was said before.
    func badFrame(
        _ type: UInt64, _ server: Server.ID?, _ reference: UInt64?, _ link: LinkID,
        _ turn: inout Turn
    ) {
        if type != SyncFrameType.reject.rawValue {
            let reject = SyncMessage.Reject(
                server: server, about: type, reference: reference, code: "badFrame")
            turn.send(.reject(reject), to: link)
        }
        turn.effects.append(.badFrame(link, type: type, server: server))
    }

    private mutating func receive(
        _ message: SyncMessage, _ server: Server.ID, fromMember link: LinkID, _ turn: inout Turn
    ) {
        switch message {
        case .hello(_, let hello):
            // What ends a membership after this is told anew, whoever of the two it is.
            links[link]?.farewells.remove(server)
            links[link]?.lowered[server] = nil
            receiveHello(hello, link, server, &turn)
        case .headsDelta(_, let delta): receiveHeads(delta, link, server, &turn)
        case .headAsk(_, let handles): answer(handles, link, server, &turn)
        case .headFull(_, let heads): receiveHeads(heads, link, server, &turn)
        case .want(_, let id, let ranges, _): serve(ranges, id, link, server, &turn)
        case .preSync(_, let id, let events, let bytes):
            promised(Totals(events: events, bytes: bytes), id, link, server, &turn)
        case .events(_, let id, let envelopes, let isLast):
            if id == 0 {
                lowered(envelopes, isLast: isLast, link, server, &turn)
            } else {
                receiveEvents(envelopes, isLast: isLast, id, link, server, &turn)
            }
        case .iHave(_, let events): receiveAnnounced(events, link, server, &turn)
        case .push(_, let round, let envelope): receivePush(envelope, round, link, server, &turn)
        case .prune(_, let seconds):
            grow(server, turn)
            gossip(.pruned(from: link, backoff: .seconds(seconds)), server, &turn)
        case .graft(_, let id, let range): receiveGraft(id, range, link, server, &turn)
        case .stateAsk(_, let nonce, let wantSections):
            tellState(nonce, withSections: wantSections, link, server, &turn)
        case .neg(_, let neg): receiveNeg(neg, link, server, &turn)
        case .negNeed(_, let id, let ids): receiveNeed(ids, id, link, server, &turn)
        case .forkProof, .peers, .stateTell, .view, .ephemeral, .blob:
            turn.effects.append(.unhandled(link, message))
        case .credit, .reject, .joinAsk, .joinAnswer, .offer, .unsupported: break
        }
    }

    /// A former member gets its lowerings once per link, and may still bring its own chain.
    private mutating func receive(
        _ message: SyncMessage, _ server: Server.ID, fromFormer link: LinkID, _ turn: inout Turn
    ) {
        switch message {
        case .hello where links[link]?.farewells.contains(server) == false:
            sayFarewell(link, server, &turn)
        case .preSync(_, let id, let events, let bytes) where links[link]?.wants[id] != nil:
            promised(Totals(events: events, bytes: bytes), id, link, server, &turn)
        case .events(_, let id, let envelopes, let isLast) where links[link]?.wants[id] != nil:
            receiveEvents(envelopes, isLast: isLast, id, link, server, &turn)
        case .push(_, let round, let envelope) where isOwn(envelope, of: link):
            receivePush(envelope, round, link, server, &turn)
        default: refuse(message, link, &turn)
        }
    }

    /// Whoever lost own events may know nobody whom it let in by one of them: it takes those, and
    /// nothing else, from anybody who speaks of the server.
    private mutating func receive(
        _ message: SyncMessage, _ server: Server.ID, fromStranger link: LinkID, _ turn: inout Turn
    ) {
        guard turn.context.seeksOwn(in: server) else { return refuse(message, link, &turn) }
        switch message {
        case .hello:
            refuse(message, link, &turn)
            seekOwn(link, server, &turn)
        case .preSync(_, let id, let events, let bytes) where links[link]?.wants[id] != nil:
            promised(Totals(events: events, bytes: bytes), id, link, server, &turn)
        case .events(_, let id, let envelopes, let isLast) where links[link]?.wants[id] != nil:
            receiveEvents(envelopes, isLast: isLast, id, link, server, &turn)
        default: refuse(message, link, &turn)
        }
    }

    private mutating func tellState(
        _ nonce: UInt64, withSections: Bool, _ link: LinkID, _ server: Server.ID,
        _ turn: inout Turn
    ) {
        guard foldsAlike(link, on: server) else {
            return refuse(
                nonce, .stateAsk, NetCode.versionMismatch.word, link, server, &turn)
        }
        // Sections are asked for when a difference was seen: whoever has to mend tells first.
        if withSections { turn.effects.append(.doubted(server, by: link)) }
        let tell = SyncMessage.StateTell(
            nonce: nonce,
            digest: turn.context.stateFrontier(of: server) ?? digest(of: server, turn),
            events: turn.context.eventCount(of: server),
            stateHash: turn.context.stateHash(of: server),
            sections: withSections ? turn.context.stateSections(of: server) : nil)
        turn.send(.stateTell(server, tell), to: link)
    }
}
