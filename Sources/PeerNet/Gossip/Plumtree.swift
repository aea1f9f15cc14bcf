package import PeerState

/// Spreads the fresh events of one server: pushed along a tree, announced beside it.
///
/// The tree grows by itself: who brings an event second is told to announce only; who announces
/// what does not come is asked for it and pushes from then on. Both ends of a link change
/// together, so one tree serves all authors. Payloads stay with the owner.
/// - Bounds: `Limits.missingPerPeer` announcements of a link that wait, `Limits.announcersPerID`,
///   `Limits.idCacheEntries` ids for `Limits.idCache`. Source: PROTOCOL 10.
package struct Plumtree: Sendable {
    package typealias Announced = SyncMessage.Announced

    package enum Input: Sendable {
        case linkUp(LinkID)
        case linkDown(LinkID)
        /// A payload came, whether new or not.
        case received(Announced, from: LinkID)
        /// Events of one IHave frame that are not stored here.
        case announced([Announced], from: LinkID)
        /// `isKnown`: whether everything asked for can be given.
        case grafted(from: LinkID, isKnown: Bool)
        case pruned(from: LinkID, backoff: Milliseconds)
        /// A stored event goes on, one round further than it came.
        case publish(Announced, isOwn: Bool, isLarge: Bool)
        /// An event was stored that gossip did not bring; it goes on if gossip brings it yet.
        case stored(Event.ID)
        /// What the score of the link's peer allows.
        case standing(LinkID, PeerScores.Standing)
        case timer
    }

    package enum Effect: Hashable, Sendable {
        case push(LinkID, Event.ID, round: UInt64)
        case announce(LinkID, [Announced])
        /// Without an event only the link becomes one that pushes.
        case graft(LinkID, Announced?)
        case prune(LinkID, backoff: Milliseconds)
        /// Nobody who announced it gave it: compare heads with these peers.
        case handOver(Announced, [LinkID])
        case fault(LinkID, GossipFault)
    }

    /// Whether everybody is linked with everybody, so that nobody is pruned.
    package var isFullMesh = true
    /// Announced events that nobody gave.
    package internal(set) var handedOver: UInt64 = 0

    var links: [LinkID: TreeLink] = [:]
    var seen = SeenEvents()
    var missing: [Event.ID: MissingEvent] = [:]
    var deadlines = EventQueue<Event.ID>()
    var ties: UInt64 = 0
    var promises = Promises()
    /// When batched announcements leave.
    var flushAt: Instant?
    var random: SeededRandom
    /// Running means, in ms: first announcement to a payload that came by itself (0 where it had to
    /// be asked for), and Graft to payload.
    var payloadDelay = Double(Limits.graftWaitFirst.count) / 2
    var graftDelay = Double(Limits.graftRetryFirst.count) / 1.2

    package init(random: SeededRandom) {
        self.random = random
    }

    package mutating func handle(_ input: Input, now: Instant) -> [Effect] {
        var effects: [Effect] = []
        switch input {
        case .linkUp(let link): links[link] = TreeLink(now)
        case .linkDown(let link): linkDown(link, now)
        case .received(let event, let link):
            links[link]?.heardAt = now
            received(event, link, now, &effects)
        case .announced(let events, let link):
            links[link]?.heardAt = now
            announced(events, link, now, &effects)
        case .grafted(let link, let isKnown):
            links[link]?.heardAt = now
            grafted(link, isKnown, now, &effects)
        case .pruned(let link, let backoff):
            links[link]?.heardAt = now
            links[link]?.isEager = false
            links[link]?.graftAfter = now + backoff
        case .publish(let event, let isOwn, let isLarge):
            publish(event, isOwn: isOwn, isLarge: isLarge, now, &effects)
        case .stored(let id): seen.update(id, now) { $0.isHere = true }
        case .standing(let link, let standing): judge(link, standing, now, &effects)
        case .timer: timer(now, &effects)
        }
        return effects
    }

    /// When `.timer` must come; nil while nothing waits.
    package var nextDeadline: Instant? {
        [flushAt, deadlines.nextTime, promises.nextDue].compactMap { $0 }.min()
    }

    /// Whether the payload came or was published lately.
    package func hasSeen(_ id: Event.ID) -> Bool { seen[id]?.isHere ?? false }

    /// Whether some peer pushed or announced it lately.
    package func hasHeard(_ id: Event.ID) -> Bool { seen[id]?.holders.isEmpty == false }

    /// Whether it is here, was brought by gossip, and has not gone on.
    package func waitsToGoOn(_ id: Event.ID) -> Bool {
        seen[id].map { $0.isHere && !$0.isPublished && $0.parent != nil } ?? false
    }

    package func holds(_ link: LinkID) -> Bool { links[link] != nil }
    package var sortedLinks: [LinkID] { links.keys.sorted() }

    package func isEager(_ link: LinkID) -> Bool { links[link]?.isEager ?? false }

    /// Lets the event be taken again; it was refused.
    package mutating func forget(_ id: Event.ID) { seen.forget(id) }

    /// How long after the first announcement a payload is asked for.
    package var graftWait: Milliseconds { Self.bounded(2 * payloadDelay) }

    /// How long one announcer is given.
    var graftRetry: Milliseconds { Self.bounded(1.2 * graftDelay) }

    private static func bounded(_ milliseconds: Double) -> Milliseconds {
        let least = Double(Limits.graftWaitLeast.count)
        let most = Double(Limits.graftWaitMost.count)
        return Milliseconds(UInt64(max(least, min(most, milliseconds))))
    }
}
