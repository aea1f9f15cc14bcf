import PeerNet
import PeerState

/// What the sync core may ask about this node's servers.
struct ReplicaContext: SyncContext {
    let hosted: [Server.ID: HostedServer]
    let me: Peer.ID
    var recovery = Recovery()
    var blobLinks: [LinkID: BlobCore.Link] = [:]

    func chunksServed(on link: LinkID) -> Int { blobLinks[link]?.serves.count ?? 0 }

    func servers() -> [Server.ID] { hosted.keys.sorted() }

    func standing(of peer: Peer.ID, in server: Server.ID) -> PeerStanding {
        hosted[server]?.standing(of: peer) ?? .stranger
    }

    func peersNamed(by event: Event) -> [Peer.ID] {
        switch event.body {
        case let body as ServerCreated: body.participants
        case let body as MemberGranted: [body.target]
        case let body as MemberAdmitted: [body.target]
        default: []
        }
    }

    func heads(of server: Server.ID) -> [Peer.ID: Head] {
        guard let slot = hosted[server] else { return [:] }
        var heads = slot.committedHeads
        for (author, fork) in slot.forks {
            heads[author] = fork.heads.last.map { Head(seq: $0.seq, id: $0.id) }
        }
        return heads
    }

    func forks(of server: Server.ID) -> [Peer.ID: Frontier.Fork] {
        (hosted[server]?.forks ?? [:]).mapValues { fork in
            Frontier.Fork(
                from: fork.from, heads: fork.heads.map { Head(seq: $0.seq, id: $0.id) })
        }
    }

    func place(of id: Event.ID, in server: Server.ID) -> (author: Peer.ID, seq: UInt64)? {
        guard let graph = hosted[server]?.state.graph, let slot = graph.slot(of: id) else {
            return nil
        }
        return (graph.peer(slot), graph.seq(slot))
    }

    func holds(
        _ author: Peer.ID, _ seq: UInt64, prefix: UInt64, in server: Server.ID
    ) -> Bool {
        hosted[server]?.state.graph.events(of: author, seq: seq).contains { $0.prefix == prefix }
            ?? false
    }

    func eventItems(
        of server: Server.ID, in scope: NegScope
    ) -> [(lamport: UInt64, id: Event.ID)]? {
        guard let state = hosted[server]?.state else { return nil }
        switch scope {
        case .events: return state.items()
        case .author(let author): return state.items(by: author)
        case .channel(let channel): return state.items(in: channel)
        case .heads, .unknown: return nil
        }
    }

    func lowerings(of peer: Peer.ID, in server: Server.ID) -> [[UInt8]]? {
        hosted[server]?.lowerings(of: peer)
    }

    func seeksOwn(in server: Server.ID) -> Bool {
        recovery.blocks(server) || hosted[server] == nil && recovery.mayLack(server)
    }

    func memberCount(of server: Server.ID) -> Int? {
        guard let slot = hosted[server], slot.hasHistory else { return nil }
        return slot.memberCount
    }

    func eventCount(of server: Server.ID) -> UInt64 { hosted[server]?.committedCount ?? 0 }

    func isKnown(_ id: Event.ID, in server: Server.ID) -> Bool {
        hosted[server]?.replica.isKnown(id) ?? false
    }

    func offer(for peer: Peer.ID, in server: Server.ID) -> [[UInt8]]? {
        hosted[server]?.offer(for: peer)
    }

    func stateSections(of server: Server.ID) -> [UInt8]? {
        hosted[server].map { StateHash.encodedSections(of: $0.state) }
    }

    func stateFrontier(of server: Server.ID) -> Digest.Value? {
        hosted[server].map { FrontierDigest.of($0.state) }
    }

    func stateHash(of server: Server.ID) -> Digest.Value {
        guard let state = hosted[server]?.state else {
            return StateHash.hash(of: ServerState(id: server))
        }
        return StateHash.hash(of: state)
    }
}

extension NodeCore {
    mutating func syncHandle(_ input: SyncCore.Input) {
        // The context lives for this call only: a copy kept longer would make every write copy.
        let effects = sync.handle(
            input,
            context: ReplicaContext(
                hosted: servers, me: me, recovery: recovery, blobLinks: blobs.links),
            now: now.monotonic)
        for effect in effects { perform(effect) }
    }

    private mutating func perform(_ effect: SyncCore.Effect) {
        switch effect {
        case .send(let link, let frame): session(link, .send(frame: frame))
        case .deliver(let server, let envelopes, let link, let wantID):
            if servers[server] == nil { rejoin(server, returned: envelopes) }
            deliver(envelopes, to: server, from: link, wantID: wantID)
        case .read(let request): out.append(.read(request))
        case .wake(let at): wakes.add(at)
        case .badFrame(let link, _, _): countBadFrame(link)
        case .close(let link, let code): closeForSync(link, code)
        case .offered(let server, let envelopes, let from): noteOffer(server, envelopes, from)
        case .lowered(let server, let envelopes, let link):
            receiveLowerings(envelopes, of: server, from: link)
        case .unmet(let link, let server):
            reach.counters.count(.promisesUnmet)
            log.log(.debug, "link \(link.number): claimed events of \(server) and gave none")
        case .caughtUp(let server, let link): caughtUp(server, link)
        case .doubted(let server, let link): askBack(server, link)
        case .differs(let server, let link): tellForks(of: server, to: link)
        case .rejected(let link, let server, let code): rejected(server, link, code)
        case .unhandled(let link, .forkProof(let server, let first, let second)):
            receiveProof(first, second, of: server, from: link)
        case .unhandled(let link, .ephemeral(let frame)): receiveEphemeral(frame, from: link)
        case .unhandled(let link, .stateTell(let server, let tell)):
            noteState(tell, of: server, from: link)
        case .progress(let server, let link, let have, let total):
            noteProgress(server, link, have: have, total: total)
        case .unhandled(let link, .view(let server, let message)):
            views(.message(link, server, message))
        case .unhandled(let link, .peers(let server, let contacts)):
            learnPeers(contacts, of: server, from: link)
        case .unhandled(let link, .joinAsk(let server, let ask)):
            receive(ask, of: server, on: link)
        case .unhandled(let link, .joinAnswer(let server, let answer)):
            receive(answer, of: server, on: link)
        case .unhandled(let link, let message): receiveBlob(message, from: link)
        }
    }

    /// The sync core has sent the Reject; the session counts, and closes at the third.
    private mutating func countBadFrame(_ link: LinkID) {
        session(link) { session, now in session.countBadFrame(now: now) }
    }

    mutating func closeForSync(_ link: LinkID, _ code: String) {
        log.log(.info, "link \(link.number): closed: \(code)")
        reach.counters.count(code == NetCode.lowScore.word ? .closedForScore : .closedForCredit)
        if let effects = links[link]?.session.close(
            NetFailure(NetCode(word: code) ?? .linkClosed), now: now.monotonic)
        {
            for effect in effects { performSession(effect, on: link) }
        }
        guard links[link] != nil else { return }
        hangUp(link)
        closeLink(link)
    }

    private mutating func caughtUp(_ server: Server.ID, _ link: LinkID) {
        guard !pause.isOn, let slot = servers[server], let peer = links[link]?.peer else { return }
        if !slot.hasHistory && slot.state.isFounded {
            servers[server]?.hasHistory = true
            reach.isStale = true
            reach.uncounted.insert(server)
            current.batch.settings.append(Setting(name: Self.joiningSetting(server), value: nil))
            tellHistory(of: server, from: peer)
            announceDirect(server)
        }
        noteHandedOn(server)
        noteLeaveKnown(server)
        tellCaughtUp(server, with: peer)
        servers[server]?.needsDutyCheck = true
        endProgress(server, link)
        noteRecovery(server, with: peer, on: link)
        settleJoin(server)
        settleOverclaim(server)
        noteBelonging(server, with: peer)
        compareState(of: server, on: link)
        tellPeers(of: server, to: link)
        releaseCaughtUp(link)
    }

    private mutating func rejected(_ server: Server.ID, _ link: LinkID, _ code: String) {
        reach.counters.count(.hellosRejected)
        guard code == "notMember", let peer = links[link]?.peer, let slot = servers[server]
        else { return }
        // Strangers say so of any server.
        if slot.state.activeMembers.contains(peer) { noteLeaveKnown(server) }
        if !slot.hasHistory { noteUnaware(server, peer) }
        // Who came by a link may be one too many before it has the history.
        if slot.hasHistory || slot.state.standing(of: me) != nil { noteDoubt(server, link, peer) }
    }

    mutating func dropServer(_ server: Server.ID) {
        if servers[server]?.state.isFounded == true { eraseServer(server) }
        forgetProofs(of: server)
        if servers[server]?.doorway.refusal != nil {
            current.batch.settings.append(Setting(name: Self.refusedSetting(server), value: nil))
        }
        servers[server] = nil
        forgetLive(server)
        forgetInvited(server)
        views(.dropped(server))
        reach.isStale = true
        current.batch.settings.append(Setting(name: Self.joiningSetting(server), value: nil))
        syncHandle(.serverDropped(server))
        change(.servers)
    }

    /// Takes out of the store what came before a join failed.
    private mutating func eraseServer(_ server: Server.ID) {
        current.batch.events.removeAll { $0.server == server }
        current.events.removeAll { $0.server == server }
        current.rescans.remove(server)
        current.batch.erasedServers.append(server)
    }

    /// Where an unfinished join is kept across restarts.
    static func joiningSetting(_ server: Server.ID) -> String { "joining/\(server.hex)" }
}
