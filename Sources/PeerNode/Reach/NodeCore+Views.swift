import PeerNet
import PeerState

// Whom to be linked with: everybody in a small server, some in a large one.
extension NodeCore {
    mutating func views(_ input: Neighbourhood.Input) {
        for effect in reach.neighbours.handle(input, now: now.monotonic) {
            switch effect {
            case .send(let link, let frame): session(link, .send(frame: frame))
            case .dial(let contact): dial(contact)
            case .release(let link): release(link)
            case .flooded(let link):
                reach.counters.count(.viewFloods)
                syncHandle(.flooded(link))
            }
        }
    }

    private mutating func dial(_ contact: Neighbourhood.Contact) {
        // What peers say may name an interface of this machine: that is no address of theirs.
        let told = contact.addresses.filter { Address($0) != nil }
        let known = reach.acquaintances.book.addresses(of: contact.peer)
        let addresses = known + told.filter { !known.contains($0) }
        guard !addresses.isEmpty else { return views(.dialFailed(contact.peer)) }
        reach.viewDials.insert(contact.peer)
        for address in addresses.prefix(Limits.maxAddresses) {
            dialling.add(address, identity: contact.peer)
        }
    }

    /// A link is up: views hear of it.
    mutating func noteNeighbour(_ link: LinkID, _ peer: Peer.ID, _ slot: LinkSlot) {
        reach.viewDials.remove(peer)
        let shown = [slot.place].compactMap { $0 }.filter { Address($0) != nil }
        views(
            .linkUp(
                link, Neighbourhood.Contact(peer: peer, addresses: shown),
                isDialler: slot.isDialler))
    }

    mutating func forgetNeighbour(_ link: LinkID) {
        reach.acquaintances.linkDown(link)
        reach.leaving[link] = nil
        views(.linkDown(link))
    }

    /// What failed is told to who wanted it, and to the book.
    mutating func noteFailedDial(_ address: String) {
        guard let peer = dialling.identity(of: address) else { return }
        reach.acquaintances.book.failed(address, peer)
        guard reach.viewDials.contains(peer) else { return }
        if !dialling.isFixed(peer) && !isWanted(peer) { dialling.remove(address) }
        guard !dialling.isDialling(peer) else { return }
        reach.viewDials.remove(peer)
        views(.dialFailed(peer))
    }

    /// Whether a small server, or an invite, wants a link with that peer whatever it costs.
    private func isWanted(_ peer: Peer.ID) -> Bool {
        servers.contains { id, hosted in
            guard hosted.hasHistory else { return hosted.introducers.contains(peer) }
            return reach.neighbours.isFullMesh(id)
                && reach.neighbours.members(of: id)?.contains(peer) == true
        }
    }

    /// Counts members of servers in which they changed, large ones not too often.
    mutating func countMembers() {
        for server in reach.uncounted.sorted() {
            guard let hosted = servers[server], hosted.hasHistory else {
                // Before any history nobody is known but those the invite names.
                reach.uncounted.remove(server)
                continue
            }
            if let due = reach.countAfter[server], due > now.monotonic {
                wakes.add(due)
                continue
            }
            reach.uncounted.remove(server)
            let members = Set(hosted.state.members(at: hosted.state.now))
            servers[server]?.memberCount = members.count
            if members.count > Limits.countedAtOnce {
                reach.countAfter[server] = now.monotonic + Limits.countAgain
            }
            guard members.contains(me) else {
                views(.dropped(server))
                continue
            }
            views(.members(server, members))
            relearn(server, members)
        }
    }

    /// Gives a view whom the book knows, as long as it has nobody.
    private mutating func relearn(_ server: Server.ID, _ members: Set<Peer.ID>) {
        guard reach.neighbours.active(in: server).isEmpty else { return }
        let known = reach.acquaintances.known(among: members)
        if !known.isEmpty { views(.learned(server, known, from: nil)) }
    }

    /// Looks for a remembered member of each large server that this node has no link with.
    mutating func seekLost() {
        guard reach.acquaintances.mustSeek(now.monotonic) else { return }
        let linked = Set(links.values.compactMap(\.peer))
        for server in servers.keys.sorted() where !reach.neighbours.isFullMesh(server) {
            let lost = reach.acquaintances.lost(
                in: server, among: reach.neighbours.members(of: server) ?? [], linked: linked,
                grantor: servers[server]?.state.voucher(for: me))
            if let lost { views(.sought(server, lost)) }
        }
    }

    /// Dials every member of small servers, and leaves those of large ones to the views.
    mutating func planDials() {
        var wanted: Set<Peer.ID> = []
        var large: Set<Server.ID> = []
        for (id, hosted) in servers {
            if !hosted.hasHistory {
                wanted.formUnion(hosted.introducers)
            } else if let members = reach.neighbours.members(of: id) {
                if reach.neighbours.isFullMesh(id) {
                    wanted.formUnion(members)
                } else {
                    large.insert(id)
                    // Views lead to those who doubt as well; whoever let this node in knows.
                    if hosted.isDoubted {
                        hosted.state.voucher(for: me).map { _ = wanted.insert($0) }
                    }
                }
            }
        }
        wanted.remove(me)
        // A relayed link is no reason not to look for a direct one.
        let linked = links.values.filter { !$0.isRelayed }.compactMap(\.peer)
        for peer in wanted.subtracting(linked).sorted() {
            let known = reach.acquaintances.book.addresses(of: peer)
            for address in known where !dialling.holds(address) {
                dialling.add(address, identity: peer)
            }
        }
        guard !large.isEmpty else { return }
        for peer in dialling.changeable.sorted() where !wanted.contains(peer) {
            let isLarge = large.contains {
                reach.neighbours.members(of: $0)?.contains(peer) == true
            }
            if isLarge, !reach.viewDials.contains(peer), !reach.neighbours.needs(peer) {
                dialling.remove(peer)
            }
        }
    }
}
