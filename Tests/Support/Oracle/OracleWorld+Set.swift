import PeerState

extension OracleWorld {
    var everything: OracleBits {
        var result = OracleBits()
        for number in events.indices { result.insert(number) }
        return result
    }

    /// Takes events in any order; what stays out is told.
    func takeAll(_ events: [OracleEvent]) -> [Event.ID: OracleState.Verdict] {
        var verdicts: [Event.ID: OracleState.Verdict] = [:]
        var open = events.sorted {
            ($0.lamport, $0.author, $0.seq, $0.id) < ($1.lamport, $1.author, $1.seq, $1.id)
        }
        var isMoving = true
        while isMoving {
            isMoving = false
            var left: [OracleEvent] = []
            for event in open {
                switch take(event) {
                case .taken: isMoving = true
                case .waiting: left.append(event)
                case .dropped(let code):
                    isMoving = true
                    verdicts[event.id] = .dropped(code)
                }
            }
            open = left
        }
        for event in open { verdicts[event.id] = .waiting }
        return verdicts
    }

    /// The lowest number of each author that a proof shows twice.
    var provenForks: [Peer.ID: UInt64] {
        Dictionary(proofs.map { ($0.author, $0.seq) }, uniquingKeysWith: min)
    }

    /// Everything that is not loose (F2): grown from what is surely counted until nothing joins.
    func keptSet() -> OracleBits {
        var seen: [Peer.ID: Set<UInt64>] = [:]
        var forks = provenForks
        for event in events where !seen[event.author, default: []].insert(event.seq).inserted {
            forks[event.author] = min(forks[event.author] ?? UInt64.max, event.seq)
        }
        var kept = OracleBits()
        var open: [Int] = []
        for (number, event) in events.enumerated() {
            if event.seq >= forks[event.author] ?? UInt64.max {
                open.append(number)
            } else {
                kept.insert(number)
            }
        }
        while true {
            let joins = open.filter { isNamed($0, by: kept) || isConfirmed($0, by: kept) }
            if joins.isEmpty { return kept }
            for number in joins { kept.insert(number) }
            open.removeAll { kept.contains($0) }
        }
    }

    private func isNamed(_ number: Int, by kept: OracleBits) -> Bool {
        kept.members.contains {
            past[$0].contains(number) && events[$0].author != events[number].author
        }
    }

    /// Whether it descends from the pin of a counted confirm without a fork in between.
    private func isConfirmed(_ number: Int, by kept: OracleBits) -> Bool {
        kept.members.contains { confirm in
            guard events[confirm].kind == 15, refusal[confirm] == nil,
                let pin = self.number(events[confirm].event(2)),
                pin != number, chain[number].contains(pin)
            else { return false }
            let beyond = events.indices.filter {
                $0 != pin && chain[$0].contains(pin) && events[$0].seq <= events[number].seq
            }
            let isProven = proofs.contains { proof in
                guard let after = self.number(proof.prev) else { return false }
                return proof.seq <= events[number].seq && chain[after].contains(pin)
            }
            return !isProven && Set(beyond.map { events[$0].seq }).count == beyond.count
        }
    }

    /// The digest of 6.3 over the set.
    func frontierDigest(_ kept: OracleBits) -> Digest.Value {
        var seqs: [Peer.ID: Set<UInt64>] = [:]
        var forks = provenForks
        for event in events where !seqs[event.author, default: []].insert(event.seq).inserted {
            forks[event.author] = min(forks[event.author] ?? UInt64.max, event.seq)
        }
        var heads: [Peer.ID: [OracleEvent]] = [:]
        for number in kept.members {
            let hasNext = kept.members.contains { events[$0].prev == events[number].id }
            if !hasNext { heads[events[number].author, default: []].append(events[number]) }
        }
        var input: [UInt8] = []
        func add(_ author: Peer.ID, _ seq: UInt64, _ bytes: [UInt8]) {
            input += author.bytes
            for shift in stride(from: 56, through: 0, by: -8) {
                input.append(UInt8(seq >> UInt64(shift) & 255))
            }
            input += bytes
        }
        for author in seqs.keys.sorted() {
            if let point = forks[author] {
                add(author, point, Sodium.hash("peer-agent/fork/1", author.bytes).bytes)
            }
            let own = (heads[author] ?? []).sorted { ($0.seq, $0.id) < ($1.seq, $1.id) }
            for head in own { add(author, head.seq, head.id.bytes) }
        }
        return Sodium.hash("peer-agent/frontier/1", input)
    }
}
