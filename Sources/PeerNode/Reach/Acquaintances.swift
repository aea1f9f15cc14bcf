package import PeerNet
package import PeerState

/// Where members can be reached, what they tell each other of it, and whom to look for again.
///
/// Views forget whom they could not reach, and know few. What is remembered here leads back to the
/// others.
/// - Bounds: those of `AddressBook`. Source: PROTOCOL 8.3, Peer exchange.
package struct Acquaintances: Sendable {
    package typealias Contact = Neighbourhood.Contact

    package var book = AddressBook()
    /// When a member of each large server that views may have lost is looked for again; nil while
    /// that was not asked for.
    package private(set) var seekAt: Instant?

    let me: Peer.ID
    var random: SeededRandom
    /// Servers in which somebody was looked for.
    private var sought: Set<Server.ID> = []
    /// When each link was told addresses of a server, and each peer told us.
    var told: [LinkID: [Server.ID: Instant]] = [:]
    var heard: [Peer.ID: [Server.ID: Instant]] = [:]

    package init(me: Peer.ID, random: SeededRandom) {
        self.me = me
        self.random = random
    }

    package func contact(of peer: Peer.ID) -> Contact {
        Contact(peer: peer, addresses: book.addresses(of: peer))
    }

    /// Whom a view may ask that has nobody: those the book knows, drawn without order.
    package mutating func known(among members: Set<Peer.ID>) -> [Contact] {
        var known = book.peers.filter { members.contains($0) && $0 != me }
        known.shuffle(using: &random)
        return known.prefix(Limits.passiveView).map { contact(of: $0) }
    }

    /// Whether it is time to look for members out of sight; sets when it is next.
    package mutating func mustSeek(_ now: Instant) -> Bool {
        let isDue = seekAt.map { $0 <= now } ?? false
        if isDue || seekAt == nil {
            let period = (seekAt == nil ? Limits.seekSoon : Limits.seekPeriod).count
            seekAt = now + Milliseconds(period / 2 + random.next() % period)
        }
        return isDue
    }

    /// A remembered member that this node has no link with.
    ///
    /// Without this, parts of a server that a broken network kept from one another for long, or
    /// that came about while many arrived at once, would stay apart.
    /// - Parameter grantor: whoever let this node in, asked first; it also knows whether that was
    ///   one too many.
    package mutating func lost(
        in server: Server.ID, among members: Set<Peer.ID>, linked: Set<Peer.ID>,
        grantor: Peer.ID?
    ) -> Contact? {
        let lost = book.peers.filter {
            members.contains($0) && $0 != me && !linked.contains($0)
        }
        let isFirst = sought.insert(server).inserted
        let isGrantor =
            grantor.map(lost.contains) == true && (isFirst || random.next() % 2 == 0)
        return (isGrantor ? grantor : lost.randomElement(using: &random)).map { contact(of: $0) }
    }
}
