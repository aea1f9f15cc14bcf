package import PeerState

/// A frame about events between two peers, decoded.
///
/// - Source: PROTOCOL 9.2, whose names and order of elements these are.
package enum SyncMessage: Hashable, Sendable {
    case hello(Server.ID, Hello)
    case headsDelta(Server.ID, HeadsDelta)
    case headAsk(Server.ID, handles: [UInt64])
    case headFull(Server.ID, [FullHead])
    case want(Server.ID, id: UInt64, [SeqRange], credit: UInt64)
    case preSync(Server.ID, id: UInt64, events: UInt64, bytes: UInt64)
    case events(Server.ID, id: UInt64, [[UInt8]], isLast: Bool)
    case credit(id: UInt64, bytes: UInt64)
    case forkProof(Server.ID, [UInt8], [UInt8])
    case iHave(Server.ID, [Announced])
    case graft(Server.ID, Event.ID?, SeqRange?)
    case prune(Server.ID, backoffSeconds: UInt64)
    case reject(Reject)
    case peers(Server.ID, [PeerAddresses])
    case joinAsk(Server.ID, JoinAsk)
    case joinAnswer(Server.ID, JoinAnswer)
    case push(Server.ID, round: UInt64, [UInt8])
    case stateAsk(Server.ID, nonce: UInt64, wantSections: Bool)
    case stateTell(Server.ID, StateTell)
    case offer(Server.ID, [[UInt8]])
    case neg(Server.ID, Neg)
    case negNeed(Server.ID, exchange: UInt64, [NegID])
    case ephemeral(EphemeralFrame)
    /// Frames 32–38.
    case view(Server.ID, ViewMessage)
    /// Frames 24–26.
    case blob(BlobMessage)
    /// A listed type that this core does not speak, or one from `SyncFrameType.firstIgnored` on.
    case unsupported(UInt64)

    /// What a peer holds, and which of our announcements it has worked off.
    package struct Hello: Hashable, Sendable {
        package var digest: Digest.Value
        package var authors: UInt64
        package var events: UInt64
        /// 16 bytes.
        package var incarnation: [UInt8]
        package var foldVersion: UInt64
        /// 0 = none.
        package var confirmed: UInt64

        package init(
            digest: Digest.Value, authors: UInt64, events: UInt64, incarnation: [UInt8],
            foldVersion: UInt64, confirmed: UInt64
        ) {
            self.digest = digest
            self.authors = authors
            self.events = events
            self.incarnation = incarnation
            self.foldVersion = foldVersion
            self.confirmed = confirmed
        }
    }

    /// One frame of an announcement.
    package struct HeadsDelta: Hashable, Sendable {
        package var base: UInt64?
        package var serial: UInt64
        package var entries: [Entry]
        package var hasMore: Bool

        package init(base: UInt64?, serial: UInt64, entries: [Entry], hasMore: Bool) {
            self.base = base
            self.serial = serial
            self.entries = entries
            self.hasMore = hasMore
        }

        package struct Entry: Hashable, Sendable {
            package var handle: UInt64
            package var seq: UInt64
            package var prefix: UInt64

            package init(handle: UInt64, seq: UInt64, prefix: UInt64) {
                self.handle = handle
                self.seq = seq
                self.prefix = prefix
            }
        }
    }

    /// One message of range reconciliation.
    package struct Neg: Hashable, Sendable {
        package var scope: NegScope
        /// Odd if the dialler of the link began it.
        package var exchange: UInt64
        /// 32 bytes in the first frame, then nil.
        package var salt: [UInt8]?
        package var bytes: [UInt8]

        package init(scope: NegScope, exchange: UInt64, salt: [UInt8]?, bytes: [UInt8]) {
            self.scope = scope
            self.exchange = exchange
            self.salt = salt
            self.bytes = bytes
        }
    }

    package struct FullHead: Hashable, Sendable {
        package var author: Peer.ID
        package var head: Head

        package init(author: Peer.ID, head: Head) {
            self.author = author
            self.head = head
        }
    }

    /// An event that a peer holds and did not push.
    package struct Announced: Hashable, Sendable {
        package var id: Event.ID
        package var handle: UInt64
        package var seq: UInt64
        package var round: UInt64

        package init(id: Event.ID, handle: UInt64, seq: UInt64, round: UInt64) {
            self.id = id
            self.handle = handle
            self.seq = seq
            self.round = round
        }
    }

    /// Says that a frame was refused; never answered.
    package struct Reject: Hashable, Sendable {
        package var server: Server.ID?
        package var about: UInt64
        package var reference: UInt64?
        package var code: String
        package var detail: String

        package init(
            server: Server.ID?, about: UInt64, reference: UInt64? = nil, code: String,
            detail: String = ""
        ) {
            self.server = server
            self.about = about
            self.reference = reference
            self.code = code
            self.detail = detail
        }
    }

    package struct PeerAddresses: Hashable, Sendable {
        package var peer: Peer.ID
        package var addresses: [String]

        package init(peer: Peer.ID, addresses: [String]) {
            self.peer = peer
            self.addresses = addresses
        }
    }

    package struct JoinAsk: Hashable, Sendable {
        package var link: Event.ID
        package var target: Peer.ID
        package var claim: Signature

        package init(link: Event.ID, target: Peer.ID, claim: Signature) {
            self.link = link
            self.target = target
            self.claim = claim
        }
    }

    package struct JoinAnswer: Hashable, Sendable {
        package var link: Event.ID
        package var status: Status
        package var code: String?
        package var envelope: [UInt8]?

        package enum Status: UInt64, CaseIterable, Sendable { case admitted, pending, refused }

        package init(link: Event.ID, status: Status, code: String?, envelope: [UInt8]?) {
            self.link = link
            self.status = status
            self.code = code
            self.envelope = envelope
        }
    }

    package struct StateTell: Hashable, Sendable {
        package var nonce: UInt64
        package var digest: Digest.Value
        package var events: UInt64
        package var stateHash: Digest.Value
        /// One encoded item, an array, as PROTOCOL 6.2 lists the sections.
        package var sections: [UInt8]?

        package init(
            nonce: UInt64, digest: Digest.Value, events: UInt64, stateHash: Digest.Value,
            sections: [UInt8]?
        ) {
            self.nonce = nonce
            self.digest = digest
            self.events = events
            self.stateHash = stateHash
            self.sections = sections
        }
    }
}
