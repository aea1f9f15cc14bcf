package import PeerState

extension SyncCore {
    /// What happens to the core.
    package enum Input: Sendable {
        /// A link is authenticated and open. `incarnation` is the peer's, 16 bytes.
        case linkUp(LinkID, peer: Peer.ID, incarnation: [UInt8], isDialler: Bool)
        case linkDown(LinkID)
        /// One reassembled frame that `CBORScan` found canonical.
        case frame(LinkID, [UInt8])
        /// Heads have changed, by these events in the order of their commit. The list may be empty.
        case committed(Server.ID, [CommittedEvent])
        /// An event was dropped by insertion (not: pending, not: kept void).
        case refused(Server.ID, author: Peer.ID, seq: UInt64, id: Event.ID, from: LinkID?)
        /// The link brought an event that a validator rejects: a penalised code of insertion.
        case invalid(LinkID)
        /// The link brought more frames about views than any honest peer sends.
        case flooded(LinkID)
        /// The node is done with that many delivered envelope bytes of a want: committed, pending,
        /// duplicate or dropped. Comes after `.committed` and `.refused` for them.
        case consumed(LinkID, wantID: UInt64, bytes: Int)
        /// The answer to one `.read`.
        case loaded(ReadID, Page)
        /// A grant or admission of `peer` was stored.
        case grantStored(Server.ID, Peer.ID)
        /// What may have ended somebody's membership was stored.
        case loweringStored(Server.ID)
        /// A range is missing that no head shows: the wait of an event for its `prev`, a repair.
        /// Asked from `link`, else from the first linked member.
        case fetch(Server.ID, SeqRange, from: LinkID?)
        /// Repair: compare all that a scope holds with the peer of a link, and fetch what lacks.
        case reconcile(Server.ID, NegScope, LinkID)
        /// Two envelopes prove a fork; they go to all linked members at once.
        /// To one link, or to all that lead to members.
        case forkProof(Server.ID, [UInt8], [UInt8], to: LinkID?)
        /// An ephemeral message goes on over the eager links, but not where it came from.
        case spread(EphemeralFrame, from: LinkID?)
        /// Also when an Offer was accepted or a Beginning gained a trusted peer.
        case serverAdded(Server.ID)
        /// Say Hello once more to a peer that did not take us for a member.
        case greet(Server.ID, LinkID)
        case serverDropped(Server.ID)
        /// An offer that an earlier life showed still waits for an answer.
        case offerKept(Server.ID, from: Peer.ID)
        /// The user took or declined what `.offered` showed; it is not shown again.
        case offerClosed(Server.ID, from: Peer.ID)
        case timer
    }

    /// An event that became part of a server's set.
    package struct CommittedEvent: Hashable, Sendable {
        package var author: Peer.ID
        package var seq: UInt64
        package var id: Event.ID
        package var envelope: [UInt8]
        /// The link that delivered it; nil for own events and those found otherwise.
        package var origin: LinkID?
        package var isOwn: Bool
        /// False for void and loose events, which are not gossiped.
        package var isPushable: Bool

        package init(
            author: Peer.ID, seq: UInt64, id: Event.ID, envelope: [UInt8], origin: LinkID? = nil,
            isOwn: Bool = false, isPushable: Bool = true
        ) {
            self.author = author
            self.seq = seq
            self.id = id
            self.envelope = envelope
            self.origin = origin
            self.isOwn = isOwn
            self.isPushable = isPushable
        }
    }

    /// Names one read of the store.
    package struct ReadID: Hashable, Sendable {
        package let number: UInt64

        /// The core counts its own up from 1.
        package init(_ number: UInt64) { self.number = number }
    }

    /// Stored events of some ranges, in canonical order.
    ///
    /// - Bound: at most `maxCount` envelopes of at most `maxBytes` in all, whose own sizes count.
    package struct ReadRequest: Hashable, Sendable {
        package var id: ReadID
        package var server: Server.ID
        package var ranges: [SeqRange]
        /// Only events later than this in canonical order.
        package var after: OrderKey?
        package var maxBytes: Int
        package var maxCount: Int
        /// Whether the page must say how much all the ranges hold.
        package var needsTotals: Bool

        package init(
            id: ReadID, server: Server.ID, ranges: [SeqRange], after: OrderKey? = nil,
            maxBytes: Int, maxCount: Int, needsTotals: Bool = false
        ) {
            self.id = id
            self.server = server
            self.ranges = ranges
            self.after = after
            self.maxBytes = maxBytes
            self.maxCount = maxCount
            self.needsTotals = needsTotals
        }
    }

    /// What a read found. All branches of a forked author, without loose events.
    package struct Page: Hashable, Sendable {
        package var envelopes: [[UInt8]]
        /// Whether nothing of the ranges follows.
        package var isLast: Bool
        package var totals: Totals?

        package init(envelopes: [[UInt8]], isLast: Bool, totals: Totals? = nil) {
            self.envelopes = envelopes
            self.isLast = isLast
            self.totals = totals
        }
    }

    /// A number of events and the bytes of their envelopes.
    package struct Totals: Hashable, Sendable {
        package var events: UInt64
        package var bytes: UInt64

        package init(events: UInt64, bytes: UInt64) {
            self.events = events
            self.bytes = bytes
        }
    }
}
