import PeerNet
import PeerState

/// A dishonest participant: own key, real sessions, a sync core whose frames it rewrites.
///
/// It believes everybody, keeps everything in memory and checks no authority but its own drafts.
final class HostileNode {
    let index: Int
    let kind: ActorKind
    let isIdle: Bool
    let key: SigningKey
    var random: SeededRandom
    var entropy: Entropy
    let staticKey: ExchangeKey
    let incarnation: [UInt8]

    var sync: SyncCore
    var sessions: [LinkID: Session] = [:]
    var peers: [LinkID: Peer.ID] = [:]
    var replicas: [Server.ID: Replica] = [:]
    /// Everything received or written, by id.
    var envelopes: [Event.ID: [UInt8]] = [:]
    var events: [Event.ID: Event] = [:]
    /// The last event of each author, by server.
    var heads: [Server.ID: [Peer.ID: Head]] = [:]
    /// What others of this run found when they checked envelopes.
    let checks: CheckCache
    /// A server of its own, whose events it offers elsewhere.
    var foreign: [[UInt8]] = []
    /// Frames it received, to send them again.
    var recorded: [[UInt8]] = []
    var ticks: UInt64 = 0
    /// What it refuses to hand on.
    var withheld: Peer.ID?
    var isJoined = false
    /// Whether an honest member has removed it, as its own friends may tell it.
    var isRemoved = false
    /// The grant it acts under, by server; kept when it is removed.
    var grants: [Server.ID: Event.ID] = [:]
    /// Since when a node knows that this one is no member.
    var dismissed: [Int: Instant] = [:]
    var puppets: [SigningKey] = []
    /// The event before its lowest fork.
    var forkedAfter: (seq: UInt64, id: Event.ID)?

    init(_ actor: Plan.Actor, entropy: Entropy, _ checks: CheckCache) {
        var entropy = entropy
        self.checks = checks
        index = actor.node
        kind = actor.kind
        isIdle = actor.isIdle
        key = SigningKey(seed: entropy.bytes(32))
        staticKey = ExchangeKey.generate(&entropy)
        incarnation = entropy.bytes(16)
        random = SeededRandom(seed: entropy.next())
        sync = SyncCore(
            identity: key.publicKey, incarnation: incarnation, firstSerial: 1,
            random: SeededRandom(seed: entropy.next()))
        self.entropy = entropy
    }

    var peer: Peer.ID { key.publicKey }

    func draw(_ bound: UInt64) -> UInt64 { random.next() % max(1, bound) }

    func chance(_ oneIn: UInt64) -> Bool { draw(oneIn) == 0 }

    var context: HostileContext {
        HostileContext(replicas: replicas, events: events, heads: heads)
    }

    /// Takes an event into its own copy of the server; returns what became part of it.
    func take(_ bytes: [UInt8], _ server: Server.ID) -> [SyncCore.CommittedEvent] {
        guard case .stored(let stored) = verdict(on: bytes, server) else { return [] }
        if stored.contains(where: { EventKinds.isSetup($0.event.kind) }),
            let proof = replicas[server]?.state.standing(of: peer)?.proof
        {
            grants[server] = proof
        }
        return stored.map { keep($0) }
    }

    /// As `Replica.receive`, but for the checks that others did before.
    private func verdict(on bytes: [UInt8], _ server: Server.ID) -> Replica.Verdict? {
        switch replicas[server]?.screen(bytes) {
        case .failure(let screening): return screening.verdict
        case .success(let envelope):
            do {
                let event = try checks.examine(envelope, for: server).get()
                return replicas[server]?.insert(
                    event, envelope, source: nil, wallMilliseconds: .max)
            } catch {
                replicas[server]?.noteRefused(envelope.id, error)
                return .refused(error)
            }
        case nil: return nil
        }
    }

    func keep(_ item: Replica.Stored) -> SyncCore.CommittedEvent {
        envelopes[item.event.id] = item.envelope.bytes
        events[item.event.id] = item.event
        let event = item.event
        if (heads[event.server]?[event.author]?.seq ?? 0) < event.seq {
            heads[event.server, default: [:]][event.author] = Head(seq: event.seq, id: event.id)
        }
        return SyncCore.CommittedEvent(
            author: item.event.author, seq: item.event.seq, id: item.event.id,
            envelope: item.envelope.bytes, isOwn: item.event.author == peer)
    }

    /// Answers a read of its sync core from memory.
    func page(_ request: SyncCore.ReadRequest) -> SyncCore.Page {
        let wanted = events.values.filter { event in
            event.server == request.server
                && request.ranges.contains {
                    $0.author == event.author && ($0.from...$0.to).contains(event.seq)
                }
        }.sorted { $0.orderKey < $1.orderKey }
        var page = SyncCore.Page(envelopes: [], isLast: true)
        if request.needsTotals {
            let bytes = wanted.reduce(0) { $0 + (envelopes[$1.id]?.count ?? 0) }
            page.totals = SyncCore.Totals(events: UInt64(wanted.count), bytes: UInt64(bytes))
        }
        var size = 0
        for event in wanted where request.after.map({ $0 < event.orderKey }) ?? true {
            guard let envelope = envelopes[event.id] else { continue }
            if page.envelopes.count >= request.maxCount || size + envelope.count > request.maxBytes
            {
                page.isLast = false
                break
            }
            size += envelope.count
            page.envelopes.append(envelope)
        }
        return page
    }
}

/// Everybody is a member to a hostile node.
struct HostileContext: SyncContext {
    let replicas: [Server.ID: Replica]
    let events: [Event.ID: Event]
    let heads: [Server.ID: [Peer.ID: Head]]

    func servers() -> [Server.ID] { replicas.keys.sorted() }
    func standing(of peer: Peer.ID, in server: Server.ID) -> PeerStanding { .member }
    func heads(of server: Server.ID) -> [Peer.ID: Head] { heads[server] ?? [:] }
    func eventCount(of server: Server.ID) -> UInt64 {
        UInt64(replicas[server]?.state.graph.count ?? 0)
    }
    func isKnown(_ id: Event.ID, in server: Server.ID) -> Bool { events[id] != nil }
    func offer(for peer: Peer.ID, in server: Server.ID) -> [[UInt8]]? { nil }
    func stateHash(of server: Server.ID) -> Digest.Value {
        StateHash.hash(of: replicas[server]?.state ?? ServerState(id: server))
    }
    func peersNamed(by event: Event) -> [Peer.ID] { [] }
}
