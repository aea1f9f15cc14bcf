import PeerNet
import PeerState

/// One link from its first byte on.
struct LinkSlot: Sendable {
    /// Behind a reference: slots are looked at for their peer again and again.
    @CopyOnWrite var session: Session
    let origin: NodeCore.LinkOrigin
    /// The host it is counted under until its handshake is done.
    var halfOpenHost: String?
    var peer: Peer.ID?
    let sinceMilliseconds: UInt64
    /// Whether it was noted where its peer can be dialled.
    var isMet = false
    /// Requests of this peer to join that are looked at.
    var joinAsks = RateWindow(limit: Limits.joinAskRate, period: Limits.joinAskPeriod)
    /// By which link it asks into servers that are here.
    var asks: [Server.ID: Event.ID] = [:]
    /// Servers of which it was asked why this node is no member there.
    var questioned: Set<Server.ID> = []
    /// When it was last told of the forks of a server, and of how many in turn.
    var forksTold: [Server.ID: (at: Instant, count: Int)] = [:]

    var isDialler: Bool {
        switch origin {
        case .dialled: true
        case .accepted: false
        case .relayed(let end): end.isDialler
        }
    }

    var isRelayed: Bool {
        if case .relayed = origin { true } else { false }
    }

    var address: String {
        switch origin {
        case .dialled(let address): address
        case .accepted(let address): address
        case .relayed(let end): "relay:\(end.relay.short)"
        }
    }
}

extension NodeCore {
    mutating func openLink(_ link: LinkID, _ origin: LinkOrigin) {
        var halfOpenHost: String?
        switch origin {
        case .dialled: break
        case .accepted(let address):
            guard let host = admit(link, from: address) else { return }
            halfOpenHost = host
        case .relayed(let end):
            guard end.isDialler || admit(link, through: end.relay) else { return }
        }
        let role: Session.Role =
            switch origin {
            case .dialled(let address): .dialler(expected: dialling.identity(of: address))
            case .accepted: .listener
            case .relayed(let end): end.isDialler ? .dialler(expected: end.peer) : .listener
            }
        let session = Session(
            role: role, identity: configuration.key, staticKey: staticKey,
            network: configuration.network, incarnation: incarnation, features: features,
            listenPort: UInt64(listenPort), entropy: entropy.split(),
            now: now.monotonic)
        links[link] = LinkSlot(
            session: session, origin: origin, halfOpenHost: halfOpenHost, peer: nil,
            sinceMilliseconds: now.wallMilliseconds)
        self.session(link, .start)
    }

    /// Hands one input to a link's session and performs what it asks for.
    mutating func session(_ link: LinkID, _ input: Session.Input) {
        session(link) { session, now in session.handle(input, now: now) }
    }

    /// Lets a link's session do something; frames that it finds bad count against its peer.
    mutating func session(_ link: LinkID, _ turn: (inout Session, Instant) -> [Session.Effect]) {
        // By its index the session changes where it lies; by its key the slot would be copied.
        guard let index = links.index(forKey: link) else { return }
        let (effects, bad, isClosed) = Self.step(
            &links.values[index].session, turn, now.monotonic)
        if bad > 0 && isClosed { sync.noteInvalid(bad, link, now: now.monotonic) }
        for effect in effects { performSession(effect, on: link) }
        guard bad > 0 else { return }
        reach.counters.count(.badFrames, bad)
        if !isClosed { for _ in 0..<bad { syncHandle(.invalid(link)) } }
    }

    /// - Returns: its effects, how many frames it found bad, and whether it is closed now.
    private static func step(
        _ session: inout Session, _ turn: (inout Session, Instant) -> [Session.Effect],
        _ now: Instant
    ) -> (effects: [Session.Effect], bad: UInt64, isClosed: Bool) {
        let before = session.badFrameCount
        let effects = turn(&session, now)
        return (effects, session.badFrameCount &- before, session.isClosed)
    }

    mutating func performSession(_ effect: Session.Effect, on link: LinkID) {
        switch effect {
        case .write(let bytes): transmit(bytes, on: link)
        case .established(let hello): establish(link, hello)
        case .frame(let bytes):
            guard links[link]?.peer != nil, !takeRelayFrame(bytes, link) else { break }
            syncHandle(.frame(link, bytes))
        case .flooded: syncHandle(.flooded(link))
        case .wake(let at): wakes.add(at)
        case .close(let failure):
            log.log(.info, "link \(link.number): closed: \(failure)")
            hangUp(link)
            forgetOwnAddress(link)
            let peer = links[link]?.peer
            closeLink(link)
            if failure.code == .superseded, let peer { noteReplaced(peer) }
        }
    }

    /// The other side took a newer link of this identity for ours, and it is not one of ours.
    ///
    /// Two processes of one key would take every link from each other as fast as they can dial.
    private mutating func noteReplaced(_ peer: Peer.ID) {
        guard duplicates.link(to: peer) == nil else { return }
        // Dialled at two addresses at once, the other link may be a moment behind.
        if !links.values.contains(where: { $0.peer == nil }) {
            log.log(
                .warning, "peer \(peer) has another link with this key: does a copy of it run?")
        }
        let pause = Limits.replacedPause.count
        let wait = pause + entropy.next(upperBound: pause)
        dialling.rest(peer, until: now.monotonic + Milliseconds(wait))
    }

    /// The name of a problem, as other codes are written.
    private static func word(_ problem: HandshakeProblem) -> String { "\(problem)" }

    /// An address at which this node met itself is never dialled again.
    private mutating func forgetOwnAddress(_ link: LinkID) {
        guard let slot = links[link], slot.session.problem == .ownIdentity,
            case .dialled(let address) = slot.origin
        else { return }
        dialling.giveUp(address, because: Self.word(.ownIdentity))
    }

    private mutating func establish(_ link: LinkID, _ hello: PeerHello) {
        guard let slot = links[link] else { return }
        settleHalfOpen(link)
        let isDialler = slot.isDialler
        let loser = duplicates.established(
            link, with: hello.identity, isDialler: isDialler, isRelayed: slot.isRelayed)
        if loser == link {
            supersede(link)
            return
        }
        links[link]?.peer = hello.identity
        reach.counters.count(.linksOpened)
        log.log(.info, "connected to \(hello.identity) at \(slot.address)")
        if case .dialled(let address) = slot.origin {
            dialling.connected(address, to: hello.identity, now.monotonic)
        }
        noteRelay(link, hello, slot)
        syncHandle(
            .linkUp(
                link, peer: hello.identity, incarnation: hello.incarnation, isDialler: isDialler))
        blobHandle(.linkUp(link, hello.identity))
        keepFrom(hello.identity)
        askWaiting()
        change(.connection)
        noteCompany(of: hello.identity)
        tellLink(.peerConnected, hello.identity)
        for id in servers.keys.sorted() where servers[id]?.isMember == true { change(.members(id)) }
        if let loser { supersede(loser) }
        limitStrangers()
    }

    private mutating func supersede(_ link: LinkID) {
        reach.counters.count(.linksSuperseded)
        if let bye = links[link]?.session.close(
            NetFailure(.superseded, "another link to the same peer"), now: now.monotonic)
        {
            for effect in bye { performSession(effect, on: link) }
        }
        if links[link] != nil {
            hangUp(link)
            closeLink(link)
        }
    }

    /// The host part of `host:port`, brackets included.
    static func host(of address: String) -> String? {
        guard let colon = address.lastIndex(of: ":") else { return nil }
        return String(address[..<colon])
    }

    mutating func closeLink(_ link: LinkID) {
        settleHalfOpen(link)
        guard let slot = links.removeValue(forKey: link) else { return }
        if let peer = slot.peer {
            reach.counters.count(.linksClosed)
            duplicates.closed(link, with: peer)
            forgetRelay(link)
            syncHandle(.linkDown(link))
            forgetLive(link)
            blobHandle(.linkDown(link))
            forgetAsked(link)
            log.log(.info, "disconnected from \(peer)")
            change(.connection)
            tellLink(.peerDisconnected, peer)
            for id in servers.keys.sorted() where servers[id]?.isMember == true {
                change(.members(id))
            }
        }
        if slot.isRelayed { return }
        let problem = slot.session.problem.map(Self.word) ?? NetCode.linkClosed.word
        dialling.closed(
            slot.address, peer: slot.peer, because: problem, now.monotonic, &entropy)
        forgetDiscovered(slot.address)
    }

    /// Links whose other end is a member of `server`.
    func linkedMembers(of server: Server.ID) -> [LinkID] {
        guard let members = servers[server]?.state.activeMembers else { return [] }
        return links.filter { slot in
            slot.value.peer.map { members.contains($0) } ?? false
        }.keys.sorted { $0.number < $1.number }
    }

    mutating func dialDue() {
        // Most inputs come when nothing is to be dialled.
        guard let due = dialling.nextDue else { return }
        guard due <= now.monotonic else { return wakes.add(due) }
        // A relayed link is no reason not to look for a direct one.
        let linked = Set(links.values.filter { !$0.isRelayed }.compactMap(\.peer))
        for address in dialling.due(now.monotonic, linked: linked) {
            reach.counters.count(.dials)
            out.append(.dial(address: address))
        }
        if let next = dialling.nextDue { wakes.add(next) }
    }
}
