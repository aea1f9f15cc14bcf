import PeerNet
package import PeerState

// Members who want every link of the others.
extension BroadcastSim {
    /// From the start these members keep no rules: they let everybody in, name only one another,
    /// take part in no broadcast and pass nothing on. Honest ones look for members that they lost,
    /// as nodes do (`NodeCore.seekLost`).
    package mutating func beHostile(_ numbers: Range<Int>) {
        hostile = numbers
        for number in nodes.indices where !hostile.contains(number) {
            add(.seek(number), at: now + Milliseconds(random.next() % 120_000))
        }
    }

    /// The hostile members link with everybody and ask to be let in, each so often.
    package mutating func flood(every gap: Milliseconds) {
        floodGap = gap
        for number in hostile {
            add(.flood(number, round: 0), at: now + Milliseconds(random.next() % gap.count))
        }
    }

    /// Active members of an honest one that are honest and keep it, too.
    package func honestLinks(of number: Int) -> Int {
        nodes[number].view.active.count { peer in
            guard let other = numbers[peer], !hostile.contains(other) else { return false }
            return nodes[other].view.active.contains(nodes[number].peer)
        }
    }

    mutating func flood(_ number: Int, _ round: Int) {
        add(.flood(number, round: round + 1), at: now + floodGap)
        for other in nodes.indices where !hostile.contains(other) && nodes[other].isAlive {
            if let link = nodes[number].links[nodes[other].peer] {
                send(.view(demand(of: number, round)), link, number)
            } else {
                dial(nodes[other].peer, number)
            }
        }
    }

    private mutating func demand(of number: Int, _ round: Int) -> ViewMessage {
        switch round % 3 {
        case 0: .join(nodes[number].peer)
        case 1: .neighbor(isHigh: true)
        default: .shuffle(origin: nodes[number].peer, ttl: 1, friends())
        }
    }

    private mutating func friends() -> [SyncMessage.PeerAddresses] {
        (0..<Limits.shuffleList).map { _ in
            nodes[hostile.lowerBound + Int(random.next() % UInt64(hostile.count))].contact
        }
    }

    mutating func answerHostile(_ number: Int, _ input: HyParView.Input) {
        guard case .message(let message, let peer) = input, let link = nodes[number].links[peer]
        else { return }
        switch message {
        case .neighbor: send(.view(.neighborReply(isAccepted: true)), link, number)
        case .shuffle: send(.view(.shuffleReply(friends())), link, number)
        case .disconnect: send(.view(.neighbor(isHigh: true)), link, number)
        default: break
        }
    }

    mutating func seek(_ number: Int) {
        add(.seek(number), at: now + Milliseconds(60_000 + random.next() % 120_000))
        let other = Int(random.next() % UInt64(nodes.count))
        guard nodes[number].isAlive, other != number, nodes[number].links[nodes[other].peer] == nil
        else { return }
        view(number, .sought(nodes[other].contact))
    }
}
