package import PeerState

/// What the core may ask about replicas; the node answers from its committed state.
///
/// Answers may change only between two calls of `SyncCore.handle`; whenever heads have changed, the
/// next call that follows is `.committed`.
package protocol SyncContext {
    /// Servers this node holds or is beginning.
    func servers() -> [Server.ID]
    /// What `peer` is in our state. While a server is *beginning* (PROTOCOL 9.1) exactly the peers
    /// named there are members: those of the invite, the one who admitted us, the accepted Offer's.
    func standing(of peer: Peer.ID, in server: Server.ID) -> PeerStanding
    /// The last committed event of every chain; of a forked one the highest that is not loose.
    func heads(of server: Server.ID) -> [Peer.ID: Head]
    /// Forked authors, as the frontier digest counts them.
    func forks(of server: Server.ID) -> [Peer.ID: Frontier.Fork]
    func eventCount(of server: Server.ID) -> UInt64
    /// Whether the event is stored, pending or was dropped lately.
    func isKnown(_ id: Event.ID, in server: Server.ID) -> Bool
    /// Author and number of a committed event; nil where the node does not look it up.
    func place(of id: Event.ID, in server: Server.ID) -> (author: Peer.ID, seq: UInt64)?
    /// Whether a stored event of `author` has this number and this beginning of its id.
    func holds(_ author: Peer.ID, _ seq: UInt64, prefix: UInt64, in server: Server.ID) -> Bool
    /// What a scope other than `heads` holds, in any order; nil where the node does not list it.
    func eventItems(
        of server: Server.ID, in scope: NegScope
    ) -> [(lamport: UInt64, id: Event.ID)]?
    /// What brings the server to `peer`: create event, then grant or admission, proof of that …, at
    /// most `Limits.offerEnvelopes`; nil unless `peer` is active, a direct server or grant names
    /// it, and all of them are durable.
    func offer(for peer: Peer.ID, in server: Server.ID) -> [[UInt8]]?
    /// The accepted lowerings that ended the membership of `peer`, with their proof chains; at most
    /// `Limits.lowerings` are sent. nil while the latest is not durable: `loweringStored` follows.
    func lowerings(of peer: Peer.ID, in server: Server.ID) -> [[UInt8]]?
    /// Whether own events may be missing, among them those that say who is a member.
    func seeksOwn(in server: Server.ID) -> Bool
    /// Active members, this node included; nil while that is not known.
    func memberCount(of server: Server.ID) -> Int?
    func stateHash(of server: Server.ID) -> Digest.Value
    /// The frontier digest of the events behind that hash, those about to be committed included;
    /// nil where it is that of the heads.
    func stateFrontier(of server: Server.ID) -> Digest.Value?
    /// The encoded sections of the state hash; nil when there are none to show.
    func stateSections(of server: Server.ID) -> [UInt8]?
    /// Participants of a direct `server.create`, the target of a grant or admission, else none.
    func peersNamed(by event: Event) -> [Peer.ID]
    /// Chunks of files that the peer is being given; its wants of both kinds are bounded together.
    func chunksServed(on link: LinkID) -> Int
    /// Steps 1–8 of insertion for an event of a server that is not here; nil when one fails.
    func readOffered(_ envelope: [UInt8], in server: Server.ID) -> OfferedEvent?
}

extension SyncContext {
    package func chunksServed(on link: LinkID) -> Int { 0 }
    package func seeksOwn(in server: Server.ID) -> Bool { false }
    package func forks(of server: Server.ID) -> [Peer.ID: Frontier.Fork] { [:] }

    package func stateFrontier(of server: Server.ID) -> Digest.Value? { nil }

    package func stateSections(of server: Server.ID) -> [UInt8]? { nil }

    package func place(
        of id: Event.ID, in server: Server.ID
    ) -> (author: Peer.ID, seq: UInt64)? { nil }

    package func holds(
        _ author: Peer.ID, _ seq: UInt64, prefix: UInt64, in server: Server.ID
    ) -> Bool { true }

    package func eventItems(
        of server: Server.ID, in scope: NegScope
    ) -> [(lamport: UInt64, id: Event.ID)]? { nil }

    package func memberCount(of server: Server.ID) -> Int? { nil }

    package func lowerings(of peer: Peer.ID, in server: Server.ID) -> [[UInt8]]? { [] }

    package func readOffered(_ bytes: [UInt8], in server: Server.ID) -> OfferedEvent? {
        do throws(Failure<WireCode>) {
            let envelope = try Envelope(decoding: bytes)
            let event = try Event(decoding: envelope, for: server)
            guard envelope.isSigned(by: event.author) else { return nil }
            return OfferedEvent(id: event.id, proof: event.proof, names: peersNamed(by: event))
        } catch {
            return nil  // The caller answers `badFrame`, whichever step failed.
        }
    }
}
