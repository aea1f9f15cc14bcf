package import PeerNet
import PeerNode
package import PeerState

/// One of very many members of a server: the cores of sync and of neighbourhood, and the memory of
/// whom it met, as a node drives them; and a history of toy events.
package struct CrowdNode {
    package static let home = toyServer(1)

    let peer: Peer.ID
    var core: SyncCore
    package internal(set) var neighbours: Neighbourhood
    var acquaintances: Acquaintances
    var replica: CrowdReplica
    package internal(set) var links: [Peer.ID: LinkID] = [:]
    package internal(set) var isAlive = true
    /// The member that let this one in, whom it dials first.
    var grantor: Int?
    /// When it is to be woken next.
    var wakeAt: Instant?

    init(_ number: Int, of members: Int, seed: Seed) {
        peer = toyPeer(number)
        replica = CrowdReplica(members: members)
        core = SyncCore(
            identity: peer, incarnation: toyIncarnation(number), firstSerial: 1_000,
            random: seed.stream("core", UInt64(number)))
        neighbours = Neighbourhood(
            identity: peer, random: seed.stream("neighbours", UInt64(number)))
        acquaintances = Acquaintances(
            me: peer, random: seed.stream("acquaintances", UInt64(number)))
    }

    static func contact(_ number: Int) -> SyncMessage.PeerAddresses {
        SyncMessage.PeerAddresses(peer: toyPeer(number), addresses: [address(number)])
    }

    static func address(_ number: Int) -> String { "n\(number).example:4646" }
}

/// What a member of a crowd holds, of which all are members.
struct CrowdReplica: SyncContext {
    let members: Int
    private(set) var events: [Event.ID: ToyEvent] = [:]
    private var heads: [Peer.ID: Head] = [:]
    private var waiting: [ToyEvent] = []

    init(members: Int) { self.members = members }

    /// Takes what fits, and what waited for it.
    mutating func insert(_ event: ToyEvent) -> [ToyEvent] {
        guard events[event.id] == nil, !waiting.contains(event) else { return [] }
        waiting.append(event)
        var taken: [ToyEvent] = []
        while let index = waiting.firstIndex(where: {
            $0.seq == (heads[$0.author]?.seq ?? 0) + 1
        }) {
            let next = waiting.remove(at: index)
            events[next.id] = next
            heads[next.author] = Head(seq: next.seq, id: next.id)
            taken.append(next)
        }
        return taken
    }

    func page(_ request: SyncCore.ReadRequest) -> SyncCore.Page {
        let found = events.values.filter { event in
            request.ranges.contains {
                $0.author == event.author && $0.from <= event.seq && event.seq <= $0.to
            }
        }.sorted { $0.key < $1.key }
        let totals = SyncCore.Totals(
            events: UInt64(found.count), bytes: found.reduce(0) { $0 + UInt64($1.envelope.count) })
        return SyncCore.Page(
            envelopes: found.map(\.envelope), isLast: true,
            totals: request.needsTotals ? totals : nil)
    }

    func servers() -> [Server.ID] { [CrowdNode.home] }
    func standing(of peer: Peer.ID, in server: Server.ID) -> PeerStanding { .member }
    func heads(of server: Server.ID) -> [Peer.ID: Head] { heads }
    func eventCount(of server: Server.ID) -> UInt64 { UInt64(events.count) }
    func isKnown(_ id: Event.ID, in server: Server.ID) -> Bool { events[id] != nil }
    func place(of id: Event.ID, in server: Server.ID) -> (author: Peer.ID, seq: UInt64)? {
        events[id].map { ($0.author, $0.seq) }
    }
    func memberCount(of server: Server.ID) -> Int? { members }
    func offer(for peer: Peer.ID, in server: Server.ID) -> [[UInt8]]? { nil }
    func stateHash(of server: Server.ID) -> Digest.Value { Sodium.hash("toy", server.bytes) }
    func peersNamed(by event: Event) -> [Peer.ID] { [] }
}
