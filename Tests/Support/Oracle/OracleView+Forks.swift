import PeerState

extension OracleView {
    /// F3's reductions and contents; everything else falls on a fork.
    static func standsOnFork(_ event: OracleEvent) -> Bool {
        switch event.kind {
        case 11, 12, 13, 21, 23, 26, 32, 41, 51, 62, 64, 66: true
        case 24: !event.item(2).isTrue
        case 1, 60, 61, 63, 65, 70, 80: true
        default: false
        }
    }

    /// F3 and F4.
    func voidForks() {
        var byAuthor: [Peer.ID: [Int]] = [:]
        for number in known.members { byAuthor[event(number).author, default: []].append(number) }
        for (author, own) in byAuthor {
            let found = [Self.fork(own.map { event($0).seq }), proven[author]]
            guard let raw = found.compactMap({ $0 }).min() else { continue }
            rawFork[author] = raw
            let pins = pins(of: author)
            // Without pins the lowest number counts whoever has it; beyond them only the set does.
            let beyond = own.filter { number in
                set.contains(number)
                    && pins.allSatisfy { $0 != number && world.chain[number].contains($0) }
            }
            let point = pins.isEmpty ? raw : Self.fork(beyond.map { event($0).seq })
            forkPoint[author] = point
            if world.isDirect { continue }
            for number in own where isAdmissible(number) && event(number).seq >= raw {
                let isClean = pins.allSatisfy {
                    world.chain[number].contains($0) || world.chain[$0].contains(number)
                }
                let falls = point.map { event(number).seq >= $0 } ?? false
                if !isClean || (falls && !Self.standsOnFork(event(number))) {
                    void[number] = "voidedFork"
                }
            }
        }
        voidResting()
    }

    /// The lowest number that occurs twice.
    private static func fork(_ numbers: [UInt64]) -> UInt64? {
        var seen: Set<UInt64> = []
        return numbers.filter { !seen.insert($0).inserted }.min()
    }

    /// The pins of F4 that name a branch of this author.
    private func pins(of author: Peer.ID) -> [Int] {
        var result: [Int] = []
        for number in ordered where isAdmissible(number) && world.isRemoval(number) {
            guard world.target(number) == author, event(number).author != author else { continue }
            if let cut = world.cut(number), event(cut).author == author { result.append(cut) }
        }
        for extend in extends where event(extend.pin).author == author { result.append(extend.pin) }
        let confirms = confirms.filter { event($0).peer(0) == author }
        let senior = confirms.min {
            (world.key($0), event($0).id) < (world.key($1), event($1).id)
        }
        if let senior, let pin = world.number(event(senior).event(2)) { result.append(pin) }
        return result
    }

    /// The pin of a lowering for what `holder` wrote: derived, explicit, or moved.
    func pin(of lowering: Int, for holder: Peer.ID) -> Int? {
        let event = event(lowering)
        let moved = extends.filter {
            $0.lowering == lowering && world.events[$0.pin].author == holder
        }
        let furthest = moved.map(\.pin).max {
            let left = world.events[$0]
            let right = world.events[$1]
            return left.seq != right.seq ? left.seq < right.seq : left.id > right.id
        }
        if let furthest { return furthest }
        switch event.kind {
        case 23, 24: return world.last(of: holder, before: lowering)
        case 21, 26:
            return event.peer(0) == event.author ? lowering : world.cut(lowering)
        default: return world.cut(lowering)
        }
    }
}
