import PeerNet
import PeerState

/// A server of very many members on virtual time, whose frames are encoded, carried and decoded as
/// between real nodes.
struct Crowd {
    struct Figures {
        var published = 0
        var payloads = 0
        var hopsMax: UInt64 = 0
        var dials = 0
        var released = 0
    }

    private enum Step {
        case opened(LinkID, to: Int, from: Int, isDialler: Bool)
        case frame([UInt8], LinkID, to: Int)
        case closed(LinkID, to: Int)
        case wake(Int, Instant)
        case dial(Int, Int)
    }

    let seed: Seed
    private(set) var now = Instant.zero
    private(set) var nodes: [CrowdNode]
    private(set) var figures = Figures()
    private var numbers: [Peer.ID: Int] = [:]
    private var queue = EventQueue<Step>()
    private var ties: UInt64 = 0
    private var random: SeededRandom
    private var lastLink: UInt64 = 0
    /// Where each end leads, and the other end.
    private var ends: [LinkID: (node: Int, peer: Int, other: LinkID)] = [:]
    private var arrivals: [LinkID: Instant] = [:]
    private var wakes: [Int: Instant] = [:]
    /// Whom each member has met, as its address book would say.
    private var met: [Int: Set<Int>] = [:]

    init(_ seed: Seed, _ count: Int) {
        self.seed = seed
        random = seed.stream("crowd")
        nodes = (0..<count).map { CrowdNode($0, of: count, seed: seed) }
        for number in nodes.indices { numbers[nodes[number].peer] = number }
        let members = Set(nodes.map(\.peer))
        for number in nodes.indices { views(.members(CrowdNode.home, members), number) }
        // Everybody knows one who was there before, such as the one who invited.
        for number in nodes.indices.dropFirst() {
            let earlier = Int(random.next() % UInt64(number))
            add(.dial(number, earlier), at: now + Milliseconds(UInt64(number) * 5))
        }
    }

    mutating func reset() { figures = Figures() }

    mutating func publish(_ number: Int) {
        let own = nodes[number].replica.heads(of: CrowdNode.home)[nodes[number].peer]
        let event = ToyEvent(
            server: CrowdNode.home, author: nodes[number].peer, seq: (own?.seq ?? 0) + 1,
            prev: own?.id, lamport: (own?.seq ?? 0) + 1, size: 200)
        figures.published += 1
        commit(nodes[number].replica.insert(event), origin: nil, number)
    }

    mutating func kill(_ number: Int) {
        nodes[number].isAlive = false
        for link in nodes[number].links.values.sorted() { cut(link, now + 20) }
        nodes[number].links = [:]
    }

    /// Living members that lack something another living one has.
    var missed: Int {
        let alive = nodes.filter(\.isAlive)
        let all = alive.map(\.replica.events.count).max() ?? 0
        return alive.count { $0.replica.events.count < all }
    }

    mutating func run(for duration: Milliseconds) {
        let end = now + duration
        while let next = queue.nextTime, next <= end, let entry = queue.next() {
            now = max(now, entry.at)
            step(entry.element)
        }
        now = max(now, end)
    }

    private mutating func add(_ step: Step, at time: Instant) {
        ties += 1
        queue.add(step, at: time, tie: ties)
    }

    private mutating func step(_ step: Step) {
        switch step {
        case .dial(let from, let to): dial(from, to)
        case .wake(let number, let at):
            guard wakes[number] == at, nodes[number].isAlive else { return }
            wakes[number] = nil
            views(.timer, number)
            relearn(number)
            sync(.timer, number)
        case .opened(let link, let number, let peer, let isDialler):
            guard ends[link] != nil, nodes[number].isAlive else { return }
            nodes[number].links[toyPeer(peer)] = link
            met[number, default: []].insert(peer)
            views(.linkUp(link, CrowdNode.contact(peer), isDialler: isDialler), number)
            sync(
                .linkUp(
                    link, peer: toyPeer(peer), incarnation: toyIncarnation(peer),
                    isDialler: isDialler), number)
        case .closed(let link, let number): closed(link, number)
        case .frame(let bytes, let link, let number):
            guard ends[link] != nil, nodes[number].isAlive else { return }
            sync(.frame(link, bytes), number)
        }
    }

    /// Who has nobody asks those it met in earlier days.
    private mutating func relearn(_ number: Int) {
        guard nodes[number].neighbours.active(in: CrowdNode.home).isEmpty else { return }
        let known = (met[number] ?? []).sorted().map { CrowdNode.contact($0) }
        views(.learned(CrowdNode.home, known, from: nil), number)
    }

    private mutating func closed(_ link: LinkID, _ number: Int) {
        guard let end = ends.removeValue(forKey: link), nodes[number].isAlive else { return }
        if nodes[number].links[toyPeer(end.peer)] == link {
            nodes[number].links[toyPeer(end.peer)] = nil
        }
        views(.linkDown(link), number)
        sync(.linkDown(link), number)
    }

    private mutating func dial(_ from: Int, _ to: Int) {
        guard nodes[from].isAlive, from != to, nodes[from].links[toyPeer(to)] == nil,
            nodes[to].links[toyPeer(from)] == nil
        else { return }
        guard nodes[to].isAlive else { return views(.dialFailed(toyPeer(to)), from) }
        figures.dials += 1
        lastLink += 2
        let (near, far) = (LinkID(lastLink - 1), LinkID(lastLink))
        ends[near] = (from, to, far)
        ends[far] = (to, from, near)
        nodes[from].links[toyPeer(to)] = near
        nodes[to].links[toyPeer(from)] = far
        let opens = now + Milliseconds(2 * delay(from, to))
        (arrivals[near], arrivals[far]) = (opens, opens)
        add(.opened(near, to: from, from: to, isDialler: true), at: opens)
        add(.opened(far, to: to, from: from, isDialler: false), at: opens)
    }

    private mutating func cut(_ link: LinkID, _ at: Instant) {
        guard let end = ends.removeValue(forKey: link) else { return }
        add(.closed(end.other, to: end.peer), at: max(at, arrivals[link] ?? at))
    }

    private mutating func send(_ bytes: [UInt8], _ link: LinkID) {
        guard let end = ends[link], ends[end.other] != nil else { return }
        let drawn = now + Milliseconds(delay(end.node, end.peer) + random.next() % 3)
        let arrival = max(drawn, Instant(nanoseconds: (arrivals[link]?.nanoseconds ?? 0) + 1))
        arrivals[link] = arrival
        add(.frame(bytes, end.other, to: end.peer), at: arrival)
    }

    private func delay(_ first: Int, _ second: Int) -> UInt64 {
        var random = seed.stream("delay", UInt64(min(first, second) << 32 | max(first, second)))
        return 5 + random.next() % 40
    }

    private mutating func views(_ input: Neighbourhood.Input, _ number: Int) {
        for effect in nodes[number].neighbours.handle(input, now: now) {
            switch effect {
            case .send(let link, let frame): send(frame, link)
            case .dial(let contact):
                if let other = numbers[contact.peer] { add(.dial(number, other), at: now) }
            case .release(let link):
                guard let end = ends[link] else { continue }
                figures.released += 1
                cut(link, now)
                nodes[number].links[toyPeer(end.peer)] = nil
                views(.linkDown(link), number)
                sync(.linkDown(link), number)
            case .flooded(let link): sync(.flooded(link), number)
            }
        }
        if let due = nodes[number].neighbours.nextDeadline { wake(number, due) }
    }

    private mutating func wake(_ number: Int, _ at: Instant) {
        if let set = wakes[number], set <= at { return }
        wakes[number] = at
        add(.wake(number, at), at: max(at, now))
    }

    private mutating func sync(_ input: SyncCore.Input, _ number: Int) {
        note(input)
        let context = nodes[number].replica
        for effect in nodes[number].core.handle(input, context: context, now: now) {
            perform(effect, number)
        }
    }

    /// Payloads and hops, as they arrive.
    private mutating func note(_ input: SyncCore.Input) {
        guard case .frame(_, let bytes) = input, bytes.starts(with: [0x84, 0x18, 31]),
            case .push(_, let round, _)? = try? SyncMessage(decoding: bytes)
        else { return }
        figures.payloads += 1
        figures.hopsMax = max(figures.hopsMax, round + 1)
    }

    private mutating func perform(_ effect: SyncCore.Effect, _ number: Int) {
        switch effect {
        case .send(let link, let frame): send(frame, link)
        case .deliver(_, let envelopes, let link, let wantID):
            for envelope in envelopes {
                guard let event = try? ToyEvent(decoding: envelope) else { continue }
                commit(nodes[number].replica.insert(event), origin: link, number)
            }
            guard let wantID else { return }
            let bytes = envelopes.reduce(0) { $0 + $1.count }
            sync(.consumed(link, wantID: wantID, bytes: bytes), number)
        case .read(let request):
            sync(.loaded(request.id, nodes[number].replica.page(request)), number)
        case .wake(let at): wake(number, at)
        case .unhandled(let link, .view(let server, let message)):
            views(.message(link, server, message), number)
        case .close(let link, _): cut(link, now)
        default: break
        }
    }

    private mutating func commit(_ events: [ToyEvent], origin: LinkID?, _ number: Int) {
        guard !events.isEmpty else { return }
        sync(
            .committed(
                CrowdNode.home,
                events.map {
                    SyncCore.CommittedEvent(
                        author: $0.author, seq: $0.seq, id: $0.id, envelope: $0.envelope,
                        origin: origin, isOwn: origin == nil)
                }), number)
    }
}
