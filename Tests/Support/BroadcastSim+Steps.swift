import PeerNet
import PeerState

// What happens at one member.
extension BroadcastSim {
    mutating func step(_ entry: Entry) {
        switch entry {
        case .frame(let frame, let link, let to, let from): receive(frame, link, to, from)
        case .wake(let number, let at):
            guard nodes[number].wakeAt == at else { return }
            nodes[number].wakeAt = nil
            guard nodes[number].isAlive else { return }
            view(number, .timer)
            tree(number, .timer)
        case .dialFailed(let number, let peer): view(number, .dialFailed(peer))
        case .join(let number, let contact):
            guard !hostile.contains(number) else { return }
            enter(number, through: contact)
        case .compare(let number): compare(number)
        case .flood(let number, let round): flood(number, round)
        case .seek(let number): seek(number)
        }
    }

    private mutating func receive(_ frame: Frame, _ link: LinkID, _ number: Int, _ from: Int) {
        guard nodes[number].isAlive else { return }
        let peer = nodes[from].peer
        if case .opened(let isDialler) = frame {
            guard others[link] != nil else { return }
            nodes[number].links[peer] = link
            view(number, .linkUp(nodes[from].contact, isDialler: isDialler))
            return
        }
        guard nodes[number].links[peer] == link else { return }
        switch frame {
        case .opened: break
        case .closed:
            nodes[number].links[peer] = nil
            view(number, .linkDown(peer))
        case .view(let message): view(number, .message(message, from: peer))
        case .push(let id, let round): pushed(id, round, link, number)
        case .announce(let events):
            let unknown = events.filter { event in
                toys[event.id].map { !nodes[number].holds($0) } ?? false
                    || nodes[number].tree.hasSeen(event.id)
            }
            tree(number, .announced(unknown, from: link))
        case .graft(let event):
            let toy = event.flatMap { toys[$0.id] }
            let isHeld = toy.map { nodes[number].holds($0) } ?? true
            tree(number, .grafted(from: link, isKnown: isHeld))
            if let toy, isHeld, let event { send(.push(toy.id, round: event.round), link, number) }
        case .prune(let backoff): tree(number, .pruned(from: link, backoff: backoff))
        case .compare(let theirs): give(theirs, link, number)
        case .fill(let ids):
            for id in ids { take(id, number, isRepair: true) }
        }
    }

    private mutating func pushed(_ id: Event.ID, _ round: UInt64, _ link: LinkID, _ number: Int) {
        guard let toy = toys[id] else { return }
        figures.payloads += 1
        let isNew = !nodes[number].holds(toy)
        tree(number, .received(announced(toy, round: round), from: link))
        if isNew {
            figures.hopsMax = max(figures.hopsMax, round + 1)
            take(id, number, isRepair: false)
        }
        // What a comparison brought a moment before goes on as well.
        tree(number, .publish(announced(toy, round: round), isOwn: false, isLarge: false))
    }

    private mutating func take(_ id: Event.ID, _ number: Int, isRepair: Bool) {
        guard let toy = toys[id], !nodes[number].holds(toy) else { return }
        nodes[number].held[toy.author, default: []].insert(toy.seq)
        if isRepair {
            figures.repaired += 1
        } else {
            figures.delivered += 1
            figures.delayMax = max(figures.delayMax, now.milliseconds(since: toy.at))
        }
    }

    /// Asks a random neighbour for what it has and we lack.
    private mutating func compare(_ number: Int) {
        let isAlone = nodes[number].view.active.isEmpty
        let wait = isAlone ? 2_000 : 15_000 + random.next() % 30_001
        add(.compare(number), at: now + Milliseconds(wait))
        guard nodes[number].isAlive, !hostile.contains(number) else { return }
        guard !isAlone else {
            // Whom it met in earlier days, from the address book.
            let other = Int(random.next() % UInt64(nodes.count))
            if other != number { enter(number, through: other) }
            return
        }
        let active = nodes[number].view.active
        let peer = active[Int(random.next() % UInt64(active.count))]
        if let link = nodes[number].links[peer] { ask(link, number) }
    }

    private mutating func ask(_ link: LinkID, _ number: Int) {
        // Complete chains are what heads name; holes are below them.
        let heads = nodes[number].held.mapValues { held in
            var head: UInt64 = 0
            while held.contains(head + 1) { head += 1 }
            return head
        }
        send(.compare(heads), link, number)
    }

    private mutating func give(_ theirs: [UInt64: UInt64], _ link: LinkID, _ number: Int) {
        let lacking = toys.values.filter {
            // What is on its way is not missed yet.
            $0.at + 1_000 <= now && $0.seq > theirs[$0.author] ?? 0 && nodes[number].holds($0)
        }
        guard !lacking.isEmpty else { return }
        let sorted = lacking.sorted { ($0.author, $0.seq) < ($1.author, $1.seq) }
        send(.fill(sorted.map(\.id)), link, number)
    }

    /// Over the link there is, or a new one.
    private mutating func enter(_ number: Int, through other: Int) {
        let contact = nodes[other].contact
        nodes[number].view.enter(through: contact.peer, now)
        wake(number)
        guard let link = nodes[number].links[contact.peer] else {
            return dial(contact.peer, number)
        }
        view(number, .linkUp(contact, isDialler: link.number % 2 == 1))
    }

    mutating func view(_ number: Int, _ input: HyParView.Input) {
        guard !hostile.contains(number) else { return answerHostile(number, input) }
        for effect in nodes[number].view.handle(input, now: now) { perform(effect, number) }
        nodes[number].tree.isFullMesh = nodes[number].view.isFullMesh
        wake(number)
    }

    mutating func tree(_ number: Int, _ input: Plumtree.Input) {
        guard !hostile.contains(number) else { return }
        for effect in nodes[number].tree.handle(input, now: now) { perform(effect, number) }
        wake(number)
    }

    private mutating func wake(_ number: Int) {
        let deadlines = [nodes[number].view.nextDeadline, nodes[number].tree.nextDeadline]
        guard let next = deadlines.compactMap({ $0 }).min() else { return }
        if let set = nodes[number].wakeAt, set <= next { return }
        nodes[number].wakeAt = next
        add(.wake(number, next), at: max(next, now))
    }

    private mutating func perform(_ effect: HyParView.Effect, _ number: Int) {
        switch effect {
        case .send(let peer, let message):
            if let link = nodes[number].links[peer] { send(.view(message), link, number) }
        case .dial(let contact): dial(contact.peer, number)
        case .release(let peer): release(peer, number)
        case .activated(let peer):
            if let link = nodes[number].links[peer] { tree(number, .linkUp(link)) }
        case .deactivated(let peer):
            if let link = nodes[number].links[peer] { tree(number, .linkDown(link)) }
        case .flooded: figures.faults += 1
        }
    }

    private mutating func perform(_ effect: Plumtree.Effect, _ number: Int) {
        switch effect {
        case .push(let link, let id, let round): send(.push(id, round: round), link, number)
        case .announce(let link, let events):
            figures.announcements += 1
            send(.announce(events), link, number)
        case .graft(let link, let event):
            figures.grafts += 1
            send(.graft(event), link, number)
        case .prune(let link, let backoff):
            figures.prunes += 1
            send(.prune(backoff), link, number)
        case .handOver(_, let links):
            for link in links where others[link] != nil { ask(link, number) }
        case .fault: figures.faults += 1
        }
    }
}
