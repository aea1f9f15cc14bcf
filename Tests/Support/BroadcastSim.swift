package import PeerNet
package import PeerState

/// Thousands of members of one server on virtual time: the cores of membership and broadcast, with
/// frames as values between them.
///
/// One seed replays a run. Links keep order and have a delay of their own; frames of gossip may be
/// lost, links cut and members killed. What gossip misses is fetched by comparing with a
/// neighbour, as anti-entropy does, and counted apart.
package struct BroadcastSim: Sendable {
    /// What the run cost and brought, since the last `reset`.
    package struct Figures: Sendable {
        package var published = 0
        package var payloads = 0
        package var delivered = 0
        package var repaired = 0
        package var announcements = 0
        package var grafts = 0
        package var prunes = 0
        package var hopsMax: UInt64 = 0
        package var delayMax: UInt64 = 0
        package var faults = 0
    }

    enum Frame: Sendable {
        case opened(isDialler: Bool)
        case closed
        case view(ViewMessage)
        case push(Event.ID, round: UInt64)
        case announce([SyncMessage.Announced])
        case graft(SyncMessage.Announced?)
        case prune(Milliseconds)
        case compare([UInt64: UInt64])
        case fill([Event.ID])
    }

    enum Entry: Sendable {
        case frame(Frame, link: LinkID, to: Int, from: Int)
        case wake(Int, Instant)
        case dialFailed(Int, Peer.ID)
        case compare(Int)
        case join(Int, Int)
        case flood(Int, round: Int)
        case seek(Int)
    }

    struct Toy: Sendable {
        let id: Event.ID
        let author: UInt64
        let seq: UInt64
        let at: Instant
    }

    /// One in this many gossip frames is lost; 0 for none.
    package var lossOneIn: UInt64 = 0
    package internal(set) var figures = Figures()
    package internal(set) var now = Instant.zero
    package internal(set) var trace: UInt64 = 0

    package let seed: Seed
    var random: SeededRandom
    var queue = EventQueue<Entry>()
    var ties: UInt64 = 0
    package internal(set) var nodes: [BroadcastSimNode] = []
    var numbers: [Peer.ID: Int] = [:]
    var toys: [Event.ID: Toy] = [:]
    var lastSeq: [UInt64: UInt64] = [:]
    /// Arrival of the last frame on each directed link.
    var arrivals: [LinkID: Instant] = [:]
    /// The other direction of each open link.
    var others: [LinkID: LinkID] = [:]
    var lastLink: UInt64 = 0
    /// Members who want every link of the others, and how often each asks for it.
    var hostile = 0..<0
    var floodGap = Milliseconds(1_000)

    package init(seed: Seed, nodes count: Int) {
        self.seed = seed
        random = seed.stream("broadcast")
        for number in 0..<count {
            let peer = Peer.ID(Sodium.hash("test/broadcast", Array("\(number)".utf8)))
            numbers[peer] = number
            nodes.append(BroadcastSimNode(number, peer, seed: seed, members: count))
        }
    }

    package mutating func reset() { figures = Figures() }

    /// Everybody enters, one every few ms, through a random earlier member.
    package mutating func assemble(every gap: Milliseconds = 5) {
        for number in 1..<nodes.count {
            add(
                .join(number, Int(random.next() % UInt64(number))),
                at: now + Milliseconds(UInt64(number) * gap.count))
        }
        for number in nodes.indices {
            add(.compare(number), at: now + Milliseconds(random.next() % 30_000))
        }
    }

    /// Everybody hears of everybody, as `Peers` frames tell it in a small server.
    package mutating func introduce() {
        let contacts = nodes.map(\.contact)
        for number in nodes.indices { view(number, .learned(contacts, from: nil)) }
    }

    /// A member writes an event.
    package mutating func publish(by number: Int) {
        let author = nodes[number].peer.prefix
        let seq = (lastSeq[author] ?? 0) + 1
        lastSeq[author] = seq
        let name = Array("\(author)/\(seq)".utf8)
        let toy = Toy(
            id: Event.ID(Sodium.hash("test/broadcast/event", name)), author: author, seq: seq,
            at: now)
        toys[toy.id] = toy
        figures.published += 1
        nodes[number].held[author, default: []].insert(seq)
        tree(number, .publish(announced(toy, round: 0), isOwn: true, isLarge: false))
    }

    /// Ends a member without a word; its links break.
    package mutating func kill(_ number: Int) {
        nodes[number].isAlive = false
        for (peer, link) in nodes[number].links.sorted(by: { $0.value < $1.value }) {
            cut(link, numbers[peer] ?? 0, number)
        }
        nodes[number].links = [:]
    }

    /// Breaks some links, each with one chance in `oneIn`.
    package mutating func cutLinks(oneIn: UInt64) {
        for number in nodes.indices where nodes[number].isAlive {
            for (peer, link) in nodes[number].links.sorted(by: { $0.value < $1.value })
            where random.next() % oneIn == 0 {
                guard let other = numbers[peer] else { continue }
                cut(link, other, number)
                nodes[number].links[peer] = nil
                view(number, .linkDown(peer))
            }
        }
    }

    private mutating func cut(_ link: LinkID, _ other: Int, _ number: Int) {
        guard let back = others.removeValue(forKey: link) else { return }
        others[back] = nil
        guard nodes[other].isAlive else { return }
        add(.frame(.closed, link: back, to: other, from: number), at: now + 1)
    }

    package mutating func run(for duration: Milliseconds) {
        let end = now + duration
        while let time = queue.nextTime, time <= end, let (at, entry) = queue.next() {
            now = max(now, at)
            step(entry)
        }
        now = max(now, end)
    }

    /// Events that living members lack, summed over them.
    package var missed: Int {
        nodes.filter(\.isAlive).reduce(0) { sum, node in
            sum + lastSeq.reduce(0) { $0 + Int($1.value) - (node.held[$1.key]?.count ?? 0) }
        }
    }

    func announced(_ toy: Toy, round: UInt64) -> SyncMessage.Announced {
        SyncMessage.Announced(id: toy.id, handle: toy.author, seq: toy.seq, round: round)
    }

    mutating func add(_ entry: Entry, at: Instant) {
        ties += 1
        queue.add(entry, at: at, tie: ties)
    }
}
