package import PeerNet
import PeerNode
package import PeerState

/// A server of very many members on virtual time, whose frames are encoded, carried and decoded as
/// between real nodes.
package struct Crowd {
    package struct Figures {
        package var published = 0
        package var payloads = 0
        package var hopsMax: UInt64 = 0
        package var dials = 0
        package var released = 0
    }

    private enum Step {
        case opened(LinkID, to: Int, from: Int, isDialler: Bool)
        case frame([UInt8], LinkID, to: Int)
        case closed(LinkID, to: Int)
        case wake(Int, Instant)
        case dial(Int, Int)
    }

    package let seed: Seed
    package private(set) var now = Instant.zero
    package private(set) var nodes: [CrowdNode]
    package private(set) var figures = Figures()
    private var numbers: [Peer.ID: Int] = [:]
    private var queue = EventQueue<Step>()
    private var ties: UInt64 = 0
    private var random: SeededRandom
    private var lastLink: UInt64 = 0
    /// Where each end leads, and the other end.
    private var ends: [LinkID: (node: Int, peer: Int, other: LinkID)] = [:]
    private var arrivals: [LinkID: Instant] = [:]
    private let members: Set<Peer.ID>
    /// Whether members tell each other where others are.
    private let isTalking: Bool

    package init(_ seed: Seed, _ count: Int, isTalking: Bool = false) {
        self.seed = seed
        self.isTalking = isTalking
        random = seed.stream("crowd")
        nodes = (0..<count).map { CrowdNode($0, of: count, seed: seed) }
        for number in nodes.indices { numbers[nodes[number].peer] = number }
        members = Set(nodes.map(\.peer))
        for number in nodes.indices { views(.members(CrowdNode.home, members), number) }
        // Everybody knows one who was there before, such as the one who invited.
        for number in nodes.indices.dropFirst() {
            let earlier = Int(random.next() % UInt64(number))
            nodes[number].grantor = earlier
            add(.dial(number, earlier), at: now + Milliseconds(UInt64(number) * 5))
        }
    }

    package mutating func reset() { figures = Figures() }

    package mutating func publish(_ number: Int) {
        let own = nodes[number].replica.heads(of: CrowdNode.home)[nodes[number].peer]
        let event = ToyEvent(
            server: CrowdNode.home, author: nodes[number].peer, seq: (own?.seq ?? 0) + 1,
            prev: own?.id, lamport: (own?.seq ?? 0) + 1, size: 200)
        figures.published += 1
        commit(nodes[number].replica.insert(event), origin: nil, number)
    }

    package mutating func kill(_ number: Int) {
        nodes[number].isAlive = false
        for link in nodes[number].links.values.sorted() { cut(link, now + 20) }
        nodes[number].links = [:]
    }

    /// Living members that lack something another living one has.
    package var missed: Int {
        let alive = nodes.filter(\.isAlive)
        let all = alive.map(\.replica.events.count).max() ?? 0
        return alive.count { $0.replica.events.count < all }
    }

    /// How many living members each part has that no link leads out of, largest first.
    package var islands: [Int] {
        var unseen = Set(nodes.indices.filter { nodes[$0].isAlive })
        var sizes: [Int] = []
        while let first = unseen.min() {
            unseen.remove(first)
            var part = [first]
            var next = 0
            while next < part.count {
                for peer in nodes[part[next]].links.keys {
                    guard let other = numbers[peer], unseen.remove(other) != nil else { continue }
                    part.append(other)
                }
                next += 1
            }
            sizes.append(part.count)
        }
        return sizes.sorted(by: >)
    }

    package mutating func run(for duration: Milliseconds) {
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
            guard nodes[number].wakeAt == at, nodes[number].isAlive else { return }
            nodes[number].wakeAt = nil
            views(.timer, number)
            relearn(number)
            seek(number)
            sync(.timer, number)
        case .opened(let link, let number, let peer, let isDialler):
            guard ends[link] != nil, nodes[number].isAlive else { return }
            nodes[number].links[toyPeer(peer)] = link
            nodes[number].acquaintances.book.met(
                CrowdNode.address(peer), toyPeer(peer), now.nanoseconds / 1_000_000)
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
        let known = nodes[number].acquaintances.known(among: members)
        views(.learned(CrowdNode.home, known, from: nil), number)
    }

    /// Now and then a member looks for one that it has lost sight of.
    private mutating func seek(_ number: Int) {
        guard !nodes[number].neighbours.isFullMesh(CrowdNode.home) else { return }
        let isDue = nodes[number].acquaintances.mustSeek(now)
        if let next = nodes[number].acquaintances.seekAt { wake(number, next) }
        guard isDue else { return }
        let lost = nodes[number].acquaintances.lost(
            in: CrowdNode.home, among: members, linked: Set(nodes[number].links.keys),
            grantor: nodes[number].grantor.map(toyPeer))
        if let lost { views(.sought(CrowdNode.home, lost), number) }
    }

    /// Tells a member addresses of others, now and then.
    private mutating func tell(_ link: LinkID, _ number: Int) {
        guard isTalking, let end = ends[link], nodes[number].core.agrees(link, on: CrowdNode.home),
            nodes[number].acquaintances.mayTell(link, of: CrowdNode.home, now)
        else { return }
        let contacts = nodes[number].acquaintances.contacts(
            for: toyPeer(end.peer), among: members, own: [CrowdNode.address(number)],
            isNear: false)
        send(SyncMessage.peers(CrowdNode.home, contacts).bytes, link)
    }

    private mutating func learn(_ contacts: [Neighbourhood.Contact], _ link: LinkID, _ number: Int)
    {
        guard let end = ends[link] else { return }
        let learned = nodes[number].acquaintances.learn(
            contacts, of: CrowdNode.home, from: toyPeer(end.peer), among: members, now)
        guard let learned else { return }
        views(.learned(CrowdNode.home, learned.contacts, from: toyPeer(end.peer)), number)
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
        if let set = nodes[number].wakeAt, set <= at { return }
        nodes[number].wakeAt = at
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
        case .unhandled(let link, .peers(_, let contacts)): learn(contacts, link, number)
        case .caughtUp(_, let link): tell(link, number)
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
