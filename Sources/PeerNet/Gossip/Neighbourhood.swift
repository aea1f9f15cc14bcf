package import PeerState

/// Drives the membership views of all servers of a node over its links.
///
/// A view knows peers; this knows which link leads to whom and which servers need it. A link is
/// given back only when no view needs it.
/// - Source: PROTOCOL 10.
package struct Neighbourhood: Sendable {
    package typealias Contact = SyncMessage.PeerAddresses

    package enum Input: Sendable {
        /// A link is open; the contact says where its peer can be dialled, if that is known.
        case linkUp(LinkID, Contact, isDialler: Bool)
        case linkDown(LinkID)
        case dialFailed(Peer.ID)
        case message(LinkID, Server.ID, ViewMessage)
        /// The active members of a server, this node included; also when they changed.
        case members(Server.ID, Set<Peer.ID>)
        case dropped(Server.ID)
        case learned(Server.ID, [Contact], from: Peer.ID?)
        /// A member remembered from before, to be a neighbour again.
        case sought(Server.ID, Contact)
        case timer
    }

    package enum Effect: Hashable, Sendable {
        case send(LinkID, [UInt8])
        case dial(Contact)
        /// No server needs that link any more.
        case release(LinkID)
        case flooded(LinkID)
    }

    private struct Link {
        let contact: Contact
        let isDialler: Bool
    }

    private struct Entry {
        var view: HyParView
        var members: Set<Peer.ID>
        var joined = Joined.nobody
    }

    /// Who was asked to pass us on since there was nobody.
    private enum Joined {
        case nobody
        /// Somebody who called; perhaps a newcomer that knows nobody but us.
        case caller
        /// A member that this node was led to, such as by an invite.
        case chosen
    }

    private let identity: Peer.ID
    private var random: SeededRandom
    private var links: [LinkID: Link] = [:]
    private var byPeer: [Peer.ID: LinkID] = [:]
    private var entries: [Server.ID: Entry] = [:]
    private var effects: [Effect] = []
    private var now = Instant.zero
    /// When `.timer` must come, as of the last input.
    package private(set) var nextDeadline: Instant?

    package init(identity: Peer.ID, random: SeededRandom) {
        self.identity = identity
        self.random = random
    }

    package mutating func handle(_ input: Input, now: Instant) -> [Effect] {
        self.now = now
        switch input {
        case .linkUp(let link, let contact, let isDialler):
            links[link] = Link(contact: contact, isDialler: isDialler)
            byPeer[contact.peer] = link
            for server in entries.keys.sorted() { meet(link, server) }
        case .linkDown(let link): linkDown(link)
        case .dialFailed(let peer): for server in servers { feed(.dialFailed(peer), server) }
        case .message(let link, let server, let message):
            guard let peer = links[link]?.contact.peer,
                entries[server]?.members.contains(peer) == true
            else { break }
            feed(.message(message, from: peer), server)
        case .members(let server, let members): setMembers(members, server)
        case .dropped(let server): entries[server] = nil
        case .learned(let server, let contacts, let source):
            let known = entries[server]?.members ?? []
            feed(.learned(contacts.filter { known.contains($0.peer) }, from: source), server)
        case .sought(let server, let contact):
            guard entries[server]?.members.contains(contact.peer) == true else { break }
            feed(.sought(contact), server)
        case .timer:
            for server in servers where entries[server]?.view.nextDeadline ?? now <= now {
                feed(.timer, server)
            }
        }
        nextDeadline = entries.values.compactMap(\.view.nextDeadline).min()
        defer { effects.removeAll(keepingCapacity: true) }
        return effects
    }

    private var servers: [Server.ID] { entries.keys.sorted() }

    /// Members that gossip of a server flows to and from.
    package func active(in server: Server.ID) -> [Peer.ID] { entries[server]?.view.active ?? [] }

    package func passiveCount(in server: Server.ID) -> Int {
        entries[server]?.view.passiveCount ?? 0
    }

    /// `nil` for a server that was not told of.
    package func members(of server: Server.ID) -> Set<Peer.ID>? { entries[server]?.members }

    /// Whether everybody in a server is to be linked with everybody.
    package func isFullMesh(_ server: Server.ID) -> Bool {
        (entries[server]?.members.count ?? 0) - 1 <= Limits.fullMesh
    }

    /// Whether some server needs a link with that peer.
    package func needs(_ peer: Peer.ID) -> Bool {
        entries.contains { server, entry in
            guard entry.members.contains(peer) else { return false }
            return isFullMesh(server) || entry.view.active.contains(peer)
                || entry.view.isAsking(peer)
        }
    }

    private mutating func setMembers(_ members: Set<Peer.ID>, _ server: Server.ID) {
        let known = entries[server]?.members ?? []
        if entries[server] == nil {
            entries[server] = Entry(
                view: HyParView(identity: identity, random: SeededRandom(seed: random.next())),
                members: [])
        }
        entries[server]?.members = members
        feed(.members(members.count), server)
        // Links are few, members may be many.
        let linked = byPeer.sorted { $0.key < $1.key }
        for (peer, _) in linked where known.contains(peer) && !members.contains(peer) {
            feed(.linkDown(peer), server)
        }
        for (peer, link) in linked where members.contains(peer) && !known.contains(peer) {
            meet(link, server)
        }
    }

    /// Shows a link to the view of a server whose member its peer is.
    ///
    /// Where many arrive at once, a newcomer may call before one's own way in has opened. To join
    /// through it alone would leave both apart, and whoever joins through them.
    private mutating func meet(_ link: LinkID, _ server: Server.ID) {
        guard let known = links[link], let entry = entries[server],
            entry.members.contains(known.contact.peer), known.contact.peer != identity
        else { return }
        let peer = known.contact.peer
        let isChosen = known.isDialler && !entry.view.isAsking(peer)
        let isWayIn =
            !isFullMesh(server)
            && (entry.joined == .nobody || (entry.joined == .caller && isChosen))
        if isWayIn {
            entries[server]?.joined = known.isDialler ? .chosen : .caller
            entries[server]?.view.enter(through: peer, now)
        }
        feed(.linkUp(known.contact, isDialler: known.isDialler), server)
    }

    private mutating func linkDown(_ link: LinkID) {
        guard let gone = links.removeValue(forKey: link) else { return }
        guard byPeer[gone.contact.peer] == link else { return }
        byPeer[gone.contact.peer] = nil
        for server in servers where entries[server]?.members.contains(gone.contact.peer) == true {
            feed(.linkDown(gone.contact.peer), server)
            if entries[server]?.view.active.isEmpty == true { entries[server]?.joined = .nobody }
        }
    }

    private mutating func feed(_ input: HyParView.Input, _ server: Server.ID) {
        guard let asked = entries[server]?.view.handle(input, now: now) else { return }
        for effect in asked { perform(effect, server) }
    }

    private mutating func perform(_ effect: HyParView.Effect, _ server: Server.ID) {
        switch effect {
        case .send(let peer, let message):
            guard let link = byPeer[peer] else { return }
            effects.append(.send(link, SyncMessage.view(server, message).bytes))
        case .dial(let contact): effects.append(.dial(contact))
        case .release(let peer):
            guard let link = byPeer[peer], !needs(peer) else { return }
            effects.append(.release(link))
        case .activated, .deactivated: break
        case .flooded(let peer):
            if let link = byPeer[peer] { effects.append(.flooded(link)) }
        }
    }
}

extension HyParView {
    /// Whether a link with that peer is waited for, or an answer on it.
    func isAsking(_ peer: Peer.ID) -> Bool { requests[peer] != nil }
}
