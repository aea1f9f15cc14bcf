package import PeerState

/// Chooses with whom a node keeps links for one server, when there are too many members for all.
///
/// A few active links carry gossip; a larger passive list waits to take the place of those that
/// end. Links belong to the node: this only asks for them.
/// - Bounds: `Limits.activeView` (`activeViewSmall` up to `smallServer` members),
///   `Limits.passiveView`. Source: PROTOCOL 10; Leitão, Pereira, Rodrigues, "HyParView", 2007.
package struct HyParView: Sendable {
    package typealias Contact = SyncMessage.PeerAddresses

    package enum Input: Sendable {
        /// A link with a member is open, whoever dialled it.
        case linkUp(Contact, isDialler: Bool)
        case linkDown(Peer.ID)
        case dialFailed(Peer.ID)
        case message(ViewMessage, from: Peer.ID)
        /// Members heard of elsewhere: an invite, `Peers`, the address book.
        case learned([Contact], from: Peer.ID?)
        /// A member that a view of the whole network may have lost: it becomes a neighbour, so
        /// that parts that were cut off from one another meet again.
        case sought(Contact)
        /// How many active members the server has, this one included.
        case members(Int)
        case timer
    }

    package enum Effect: Hashable, Sendable {
        case send(Peer.ID, ViewMessage)
        case dial(Contact)
        /// This server needs the link no longer.
        case release(Peer.ID)
        /// Gossip flows over this link from now on, or no more.
        case activated(Peer.ID)
        case deactivated(Peer.ID)
        /// It floods; counts as behaviour.
        case flooded(Peer.ID)
    }

    /// Why a link is waited for.
    enum Purpose: Hashable, Sendable {
        case join
        case neighbor(isHigh: Bool)
        case reply([Contact])
    }

    struct Active: Sendable {
        var contact: Contact
        var isDialler: Bool
        /// When it came into the active view, if it is there.
        var since = Instant.zero
    }

    struct Passive: Sendable {
        var contact: Contact
        /// Who told us; nil for those we met ourselves.
        var source: Peer.ID?
    }

    struct Request: Sendable {
        var purpose: Purpose
        var due: Instant
    }

    let identity: Peer.ID
    var random: SeededRandom
    var memberCount = 0
    /// Open links with members, active or not.
    var linked: [Peer.ID: Active] = [:]
    /// In the order they came.
    package internal(set) var active: [Peer.ID] = []
    var passive: [Passive] = []
    /// Dialled or asked, and not answered yet.
    var requests: [Peer.ID: Request] = [:]
    /// Passive members that refused or did not answer since the last change of the active view.
    var tried: Set<Peer.ID> = []
    var quotas: [Peer.ID: RateWindow] = [:]
    var pushes = ViewPushes()
    var shuffleAt: Instant?
    /// Of a full view.
    var shuffles = 0
    /// Whether the view had room at the latest shuffle.
    var hadRoom = false

    package init(identity: Peer.ID, random: SeededRandom) {
        self.identity = identity
        self.random = random
    }

    package mutating func handle(_ input: Input, now: Instant) -> [Effect] {
        var turn = ViewTurn(now: now)
        if shuffleAt == nil { shuffleAt = nextShuffle(now) }
        pushes.age(now)
        switch input {
        case .linkUp(let contact, let isDialler): linkUp(contact, isDialler, &turn)
        case .linkDown(let peer): linkDown(peer, &turn)
        case .dialFailed(let peer): dialFailed(peer, &turn)
        case .message(let message, let peer): receive(message, peer, &turn)
        case .learned(let contacts, let source):
            for contact in contacts { remember(contact, source: source) }
        case .sought(let contact):
            if !isFullMesh, linked[contact.peer] == nil {
                request(contact, .neighbor(isHigh: true), &turn)
            }
        case .members(let count): memberCount = count
        case .timer: timer(&turn)
        }
        fill(&turn)
        return turn.effects
    }

    /// When `.timer` must come.
    package var nextDeadline: Instant? {
        (requests.values.map(\.due) + [shuffleAt].compactMap { $0 }).min()
    }

    /// Whether everybody known can be linked, so that everybody pushes to everybody.
    package var isFullMesh: Bool {
        max(active.count + passive.count, memberCount - 1) <= Limits.fullMesh
    }

    package var capacity: Int {
        max(memberCount, active.count + passive.count + 1) <= Limits.smallServer
            ? Limits.activeViewSmall : Limits.activeView
    }

    package var passiveCount: Int { passive.count }

    mutating func draw(_ count: Int) -> Int { Int(random.next() % UInt64(count)) }

    mutating func nextShuffle(_ now: Instant) -> Instant {
        let period = Limits.shufflePeriod.count
        return now + Milliseconds(period / 2 + random.next() % period)
    }
}

/// One call of the membership core.
struct ViewTurn {
    let now: Instant
    var effects: [HyParView.Effect] = []

    mutating func send(_ message: ViewMessage, to peer: Peer.ID) {
        effects.append(.send(peer, message))
    }
}
