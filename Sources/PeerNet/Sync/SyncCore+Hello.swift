import PeerState

// Steps 1 and 2 of the ladder: compare digests, announce heads.
extension SyncCore {
    /// By which rules states are folded here; peers with other ones sync and do not compare.
    package static let foldVersion: UInt64 = 1

    /// - Parameter isAnswer: whether this Hello answers one; only other ones announce right after.
    mutating func sendHello(
        _ link: LinkID, _ server: Server.ID, isAnswer: Bool, _ turn: inout Turn
    ) {
        let digest = digest(of: server, turn)
        let (confirmed, received) = converse(link, server) { conversation in
            conversation.sentDigest = digest
            return (conversation.confirm(), conversation.receivedDigest)
        }
        let hello = SyncMessage.Hello(
            digest: digest, authors: UInt64(turn.context.heads(of: server).count),
            events: turn.context.eventCount(of: server), incarnation: incarnation,
            foldVersion: Self.foldVersion, confirmed: confirmed)
        turn.send(.hello(server, hello), to: link)
        if !isAnswer, let received, received != digest { announce(link, server, &turn) }
    }

    mutating func receiveHello(
        _ hello: SyncMessage.Hello, _ link: LinkID, _ server: Server.ID, _ turn: inout Turn
    ) {
        let digest = digest(of: server, turn)
        let isEqual = hello.digest == digest
        let sent = converse(link, server) { conversation in
            conversation.meet(hello.incarnation)
            conversation.receivedDigest = hello.digest
            conversation.foldVersion = hello.foldVersion
            conversation.memory.base = hello.confirmed
            conversation.isRefused = false
            if isEqual {
                conversation.claims = [:]
                conversation.announcement?.isUnmet = false
                conversation.hasTold = true
                conversation.isCatchingUp = true
            }
            return conversation.sentDigest
        }
        if sent != digest { sendHello(link, server, isAnswer: true, &turn) }
        if isEqual {
            compareCounts(hello.events, link, server, &turn)
            finishIfIdle(link, server, &turn)
        } else {
            announce(link, server, &turn)
            // Equal heads do not show who knows of a fork.
            if !turn.context.forks(of: server).isEmpty {
                turn.effects.append(.differs(server, from: link))
            }
        }
    }

    /// Tells a peer our heads: those it lacks when it confirmed an earlier announcement, else all.
    ///
    /// A frontier that was announced on this link a moment ago is not repeated: Hellos that cross
    /// would both ask for it.
    private mutating func announce(_ link: LinkID, _ server: Server.ID, _ turn: inout Turn) {
        let digest = digest(of: server, turn)
        let now = turn.now
        let isNew = converse(link, server) { conversation in
            guard
                conversation.announcedDigest != digest
                    || conversation.announcedAt + Limits.announceAgain <= now
            else { return false }
            conversation.announcedDigest = digest
            conversation.announcedAt = now
            return true
        }
        guard isNew else { return }
        let memory = converse(link, server) { $0.memory }
        let changed = memory.baseMoment.flatMap {
            servers[server]?.changes.authors(since: $0)
        }
        let authors = turn.context.heads(of: server).count
        let tellsHeads = converse(link, server) { $0.tellsHeads }
        if changed == nil && authors > Limits.compactFrontierAuthors && !tellsHeads {
            compareRanges(link, server, &turn)
        } else {
            sendHeads(changed, base: changed == nil ? nil : memory.base, link, server, &turn)
        }
    }

    /// Sends some or all own heads, in as many frames as they take.
    mutating func sendHeads(
        _ authors: Set<Peer.ID>?, base: UInt64?, _ link: LinkID, _ server: Server.ID,
        _ turn: inout Turn
    ) {
        serial &+= 1
        let (serial, moment) = (serial, servers[server]?.changes.take() ?? 0)
        converse(link, server) { $0.memory.announce(serial, moment) }
        let heads = fullHeads(of: server, authors: authors, turn)
        var rest = heads.map {
            SyncMessage.HeadsDelta.Entry(
                handle: $0.author.prefix, seq: $0.head.seq, prefix: $0.head.prefix)
        }[...]
        repeat {
            let chunk = rest.prefix(Limits.maxHeadsPerFrame)
            rest = rest.dropFirst(chunk.count)
            let delta = SyncMessage.HeadsDelta(
                base: base, serial: serial, entries: Array(chunk), hasMore: !rest.isEmpty)
            turn.send(.headsDelta(server, delta), to: link)
        } while !rest.isEmpty
    }

    /// Many heads are compared by ranges. The dialler begins; the other side only when the
    /// dialler announced few.
    private mutating func compareRanges(
        _ link: LinkID, _ server: Server.ID, _ turn: inout Turn
    ) {
        let isDialler = links[link]?.isDialler == true
        let mayBegin = converse(link, server) { conversation in
            let mayBegin = isDialler || conversation.announcement != nil
            conversation.waitsForDialler = !mayBegin
            return mayBegin
        }
        if mayBegin { reconcile(.heads, link, server, &turn) }
    }

    /// The frontier digest of our own events, computed once per change.
    mutating func digest(of server: Server.ID, _ turn: Turn) -> Digest.Value {
        if let digest = servers[server]?.digest { return digest }
        let digest = Frontier.digest(
            heads: turn.context.heads(of: server), forks: turn.context.forks(of: server))
        servers[server, default: ServerSync()].digest = digest
        return digest
    }

    /// Says Hello to every linked member that does not know our frontier.
    mutating func tellNews(_ server: Server.ID, _ turn: inout Turn) {
        let digest = digest(of: server, turn)
        for link in memberLinks(server, turn) {
            let conversation = servers[server]?.conversations[link]
            guard conversation?.sentDigest != digest, conversation?.isRefused != true else {
                continue
            }
            sendHello(link, server, isAnswer: false, &turn)
        }
    }
}
