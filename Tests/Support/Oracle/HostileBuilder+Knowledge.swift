import PeerState

extension HostileBuilder {
    func learn(_ writer: Int, _ number: Int) {
        writers[writer].known.formUnion(world.past[number])
        writers[writer].known.insert(number)
    }

    func learnEverything(_ writer: Int) {
        for number in world.events.indices { learn(writer, number) }
    }

    /// Brings a writer some event he lacks, with its past; who was removed may look away.
    func deliver(to writer: Int) {
        let missing = world.events.indices.filter { !writers[writer].known.contains($0) }
        for _ in 0..<Int.random(in: 1...3, using: &random) {
            guard let number = pick(missing) else { return }
            if isAgainst(writers[writer].peer, number, known: writers[writer].known) {
                if writers[writer].isDefiant || chance(60) {
                    writers[writer].isDefiant = true
                    continue
                }
            }
            learn(writer, number)
        }
    }

    /// Whether this event or what it rests on removes the peer, as news to him.
    private func isAgainst(_ peer: Peer.ID, _ number: Int, known: OracleBits) -> Bool {
        (world.past[number].members + [number]).contains {
            !known.contains($0) && world.isRemoval($0) && world.target($0) == peer
        }
    }

    /// A new member mostly hears of it.
    func tellTarget(_ number: Int) {
        guard [4, 10, 42, 33].contains(world.events[number].kind), let peer = world.target(number)
        else { return }
        for place in writers.indices where writers[place].peer == peer && chance(75) {
            writers[place].isDefiant = false
            learn(place, number)
        }
    }

    /// Word gets round: of one branch of a fork more often than of other things.
    func tellOthers(of writer: Int, _ number: Int) {
        let isForked = writers.indices.contains {
            $0 != writer && writers[$0].peer == writers[writer].peer
        }
        let percent = isForked ? 60 : theme == .votes ? 40 : 12
        guard chance(percent), let other = pick(Array(writers.indices)),
            writers[other].peer != writers[writer].peer, !writers[other].isDefiant
        else { return }
        if !isAgainst(writers[other].peer, number, known: writers[other].known) {
            learn(other, number)
        }
    }

    /// A second copy of a key that goes on from its head or from a little before.
    func fork() {
        guard let old = pick(writers.filter { $0.head != nil }), var head = old.head else { return }
        if chance(50), let before = world.prev(head) { head = before }
        guard writers.filter({ $0.peer == old.peer }).count < 3 else { return }
        var copy = HostileWriter(key: old.key, skew: old.skew)
        copy.head = head
        copy.known = world.past[head]
        copy.known.insert(head)
        if chance(50) && head == old.head { copy.known = old.known }
        writers.append(copy)
    }

    /// Deps as 3.2 asks, sometimes fewer; the past they give, and its state.
    func scene(for writer: Int) -> HostileScene {
        let me = writers[writer].peer
        var past = OracleBits()
        if let head = writers[writer].head {
            past = world.past[head]
            past.insert(head)
        }
        let new = writers[writer].known.members.filter {
            !past.contains($0) && world.refusal[$0] == nil && world.events[$0].author != me
        }
        var deps = new.filter { one in !new.contains { world.past[$0].contains(one) } }
        deps = atMostTwoPerAuthor(deps)
        if chance(8) { deps = deps.filter { _ in chance(50) } }
        for dep in deps {
            past.formUnion(world.past[dep])
            past.insert(dep)
        }
        let view = OracleView.fold(world, set: past, known: past)
        return HostileScene(writer: writer, me: me, view: view, deps: deps)
    }

    private func atMostTwoPerAuthor(_ deps: [Int]) -> [Int] {
        var counts: [Peer.ID: Int] = [:]
        return deps.sorted { world.events[$0].id < world.events[$1].id }.filter {
            counts[world.events[$0].author, default: 0] += 1
            return (counts[world.events[$0].author] ?? 0) <= 2
        }
    }
}
