import PeerState

extension OracleView {
    /// The line of owners: from the founder each owner's first transfer.
    func findOwners() {
        guard let create = ordered.first(where: { event($0).kind == 0 }), !world.isDirect else {
            return
        }
        owners = [(event(create).author, create)]
        while let last = owners.last {
            let proof = last.grant == create ? nil : last.grant
            let next = ordered.filter {
                isInForce($0) && event($0).kind == 4 && event($0).author == last.peer
                    && world.proof($0) == proof
            }.min { (event($0).seq, event($0).id) < (event($1).seq, event($1).id) }
            guard let next, let peer = event(next).peer(0) else { return }
            owners.append((peer, next))
        }
    }

    /// R5 for one event: beyond the pin and without the removal in its past.
    func voids(_ removal: Int, _ number: Int) -> Bool {
        guard let target = world.target(removal), event(number).author == target,
            !world.past[number].contains(removal)
        else { return false }
        guard let pin = pin(of: removal, for: target) else { return true }
        return number != pin && !world.past[pin].contains(number)
    }

    private func voidSet(_ removal: Int) -> OracleBits {
        var result = OracleBits()
        for number in ordered where voids(removal, number) { result.insert(number) }
        return result
    }

    /// The listed ballots of an enact that survive, and how many it needs.
    func standing(of enact: Int, without lost: (Int) -> Bool) -> Bool {
        guard let proposal = world.number(event(enact).event(0)) else { return false }
        let ballots = event(enact).events(1).compactMap { world.number($0) }
        return ballots.filter { !lost($0) }.count >= OracleVotes.needed(world, proposal: proposal)
    }

    /// Whether a removal or leave and the transfer that made somebody owner are concurrent.
    private func crossesOwnership(_ number: Int, of peer: Peer.ID?) -> Bool {
        owners.contains { owner in
            owner.peer == peer && event(owner.grant).kind == 4
                && !world.past[number].contains(owner.grant)
                && !world.past[owner.grant].contains(number)
        }
    }

    /// R6, run again while an accepted enact has lost too many ballots.
    func acceptedRemovals() -> [Int] {
        var removals = ordered.filter { number in
            isInForce(number) && world.isRemoval(number)
                && !crossesOwnership(number, of: world.target(number))
        }
        let sets = Dictionary(uniqueKeysWithValues: removals.map { ($0, voidSet($0)) })
        func falls(_ number: Int, to removal: Int) -> Bool {
            world.rests[number].meets(sets[removal] ?? OracleBits())
        }
        removals.removeAll { number in
            event(number).kind == 33 && !standing(of: number) { void[$0] != nil }
        }
        while true {
            let accepted = resolve(removals) { removal, other in
                if falls(other, to: removal) { return true }
                guard event(other).kind == 33 else { return false }
                return !standing(of: other) { void[$0] != nil || falls($0, to: removal) }
            }
            let lost = accepted.filter { number in
                event(number).kind == 33
                    && !standing(of: number) { ballot in
                        void[ballot] != nil || accepted.contains { falls(ballot, to: $0) }
                    }
            }
            if lost.isEmpty { return accepted }
            removals.removeAll { lost.contains($0) }
        }
    }

    /// `resolve(R)` of 5.3.
    private func resolve(_ removals: [Int], kills: (Int, Int) -> Bool) -> [Int] {
        var victims: [Int: Set<Int>] = [:]
        for removal in removals {
            victims[removal] = Set(removals.filter { $0 != removal && kills(removal, $0) })
        }
        func kill(_ removal: Int) -> Set<Int> { victims[removal] ?? [] }
        var undecided = Set(removals)
        var accepted: [Int] = []
        while !undecided.isEmpty {
            let free = undecided.filter { one in !undecided.contains { kill($0).contains(one) } }
            if !free.isEmpty {
                accepted += free
                undecided.subtract(free)
                for one in free { undecided.subtract(kill(one)) }
                continue
            }
            let top = topComponents(undecided, kill)
            guard let pick = top.min(by: { isBefore($0, $1) }) else { break }
            accepted.append(pick)
            undecided.remove(pick)
            undecided.subtract(kill(pick))
            undecided = undecided.filter { !kill($0).contains(pick) }
        }
        return accepted.sorted { world.precedes($0, $1) }
    }

    private func isBefore(_ left: Int, _ right: Int) -> Bool {
        (world.key(left), event(left).id) < (world.key(right), event(right).id)
    }

    /// Those that reach back to everything that reaches them.
    private func topComponents(_ undecided: Set<Int>, _ kill: (Int) -> Set<Int>) -> [Int] {
        var reach: [Int: Set<Int>] = [:]
        for start in undecided {
            var seen: Set<Int> = []
            var open = [start]
            while let next = open.popLast() {
                for victim in kill(next) where undecided.contains(victim) {
                    if seen.insert(victim).inserted { open.append(victim) }
                }
            }
            reach[start] = seen
        }
        return undecided.filter { one in
            undecided.allSatisfy { other in
                !(reach[other] ?? []).contains(one) || (reach[one] ?? []).contains(other)
            }
        }
    }

    /// What the accepted removals void, and enacts whose ballots are lost.
    func voidMembership() {
        let isAccepted = Set(accepted)
        for number in ordered where isInForce(number) {
            if accepted.contains(where: { voids($0, number) }) {
                void[number] = "voidedByRemoval"
            }
        }
        voidResting()
        for number in ordered where isInForce(number) {
            if world.isRemoval(number) && !isAccepted.contains(number) {
                void[number] = "voidedByRemoval"
            } else if event(number).kind == 13, crossesOwnership(number, of: event(number).author) {
                void[number] = "voidedByRemoval"
            } else if event(number).kind == 4, !owners.contains(where: { $0.grant == number }) {
                void[number] = "voidedProof"
            }
        }
        voidResting()
        for number in ordered where isInForce(number) && event(number).kind == 33 {
            if !standing(of: number, without: { !isInForce($0) }) {
                void[number] = "voidedProof"
            }
        }
        voidResting()
    }

    /// `active` of 5.3, with leaves, admissions, enacted raises and transfers.
    func findActive() {
        guard let create = ordered.first(where: { event($0).kind == 0 }) else { return }
        var grants: [Peer.ID: [Int]] = [:]
        for peer in founders(create) { grants[peer] = [create] }
        for number in inForce([10, 42]) + inForce(33).filter({ world.action($0) == 1 }) {
            if let target = world.target(number) { grants[target, default: []].append(number) }
        }
        for (peer, grant) in owners where event(grant).kind == 4 {
            grants[peer, default: []].append(grant)
            grants[event(grant).author, default: []].append(grant)
        }
        for (peer, own) in grants {
            let lowerings = endings(of: peer)
            let knowing = own.filter { grant in
                lowerings.allSatisfy { world.past[grant].contains($0) }
            }
            let maximal = knowing.filter { grant in
                !knowing.contains { world.past[$0].contains(grant) }
            }
            active[peer] = maximal.min { left, right in
                let a = world.grantKey(left, for: peer)
                let b = world.grantKey(right, for: peer)
                return a != b ? a < b : event(left).id < event(right).id
            }
        }
        // Whoever owns the server acts as its owner, whatever else he was granted.
        if let owner = owners.last { active[owner.peer] = owner.grant }
    }

    /// Founder, or participants of a direct server.
    func founders(_ create: Int) -> [Peer.ID] {
        world.isDirect
            ? event(create).items(2).compactMap { $0.identifier() } : [event(create).author]
    }

    /// Accepted removals and suspensions of a peer, and his leaves in force.
    func endings(of peer: Peer.ID) -> [Int] {
        (accepted.filter { world.target($0) == peer }
            + inForce(13).filter { event($0).author == peer })
            .sorted { world.precedes($0, $1) }
    }
}
