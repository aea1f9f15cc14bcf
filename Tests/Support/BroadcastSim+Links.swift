import PeerNet
import PeerState

// Links of the simulated network.
extension BroadcastSim {
    mutating func dial(_ peer: Peer.ID, _ number: Int) {
        guard let other = numbers[peer] else { return }
        let delay = delay(number, other)
        guard nodes[other].isAlive else {
            add(.dialFailed(number, peer), at: now + Milliseconds(2 * delay))
            return
        }
        // Of two dials that cross one link stays, whoever it is.
        guard nodes[number].links[peer] == nil, nodes[other].links[nodes[number].peer] == nil
        else { return }
        lastLink += 2
        let (out, back) = (LinkID(lastLink - 1), LinkID(lastLink))
        others[out] = back
        others[back] = out
        let opens = now + Milliseconds(2 * delay)
        arrivals[out] = opens
        arrivals[back] = opens
        nodes[number].links[peer] = out
        nodes[other].links[nodes[number].peer] = back
        add(
            .frame(.opened(isDialler: true), link: out, to: number, from: other), at: opens)
        add(.frame(.opened(isDialler: false), link: back, to: other, from: number), at: opens)
    }

    /// Closes a link that neither end needs; what was sent before still arrives.
    mutating func release(_ peer: Peer.ID, _ number: Int) {
        guard let other = numbers[peer], let link = nodes[number].links[peer],
            let back = others[link]
        else { return }
        nodes[number].links[peer] = nil
        others[link] = nil
        others[back] = nil
        let arrival = arrival(link, number, other)
        add(.frame(.closed, link: back, to: other, from: number), at: arrival)
        view(number, .linkDown(peer))
    }

    mutating func send(_ frame: Frame, _ link: LinkID, _ number: Int) {
        guard let back = others[link],
            let peer = nodes[number].links.first(where: { $0.value == link })?.key,
            let other = numbers[peer]
        else { return }
        if lossOneIn > 0, isGossip(frame), random.next() % lossOneIn == 0 { return }
        let arrival = arrival(link, number, other)
        trace = (trace ^ arrival.nanoseconds ^ UInt64(other) << 40) &* 0x100_0000_01b3
        add(.frame(frame, link: back, to: other, from: number), at: arrival)
    }

    private func isGossip(_ frame: Frame) -> Bool {
        switch frame {
        case .push, .announce: true
        default: false
        }
    }

    private mutating func arrival(_ link: LinkID, _ from: Int, _ to: Int) -> Instant {
        let jitter = random.next() % 3
        let drawn = now + Milliseconds(delay(from, to) + jitter)
        let arrival = max(
            drawn, Instant(nanoseconds: (arrivals[link] ?? .zero).nanoseconds + 1))
        arrivals[link] = arrival
        return arrival
    }

    /// ms between two members, the same in both directions.
    private func delay(_ first: Int, _ second: Int) -> UInt64 {
        let pair = UInt64(min(first, second)) << 32 | UInt64(max(first, second))
        var random = seed.stream("delay", pair)
        return 5 + random.next() % 40
    }
}
