package import PeerState

/// Which addresses to dial and when: at once, then after 1 s doubling to 60 s with jitter.
///
/// A link that ends within `Limits.linkProven`, as one that the peer refuses does, counts
/// as a try that brought nothing: only one that lasted starts the waits anew.
///
/// - Bound: `Limits.dialTargets`; a new one takes the place of the one that was tried in vain most
///   often. Addresses given by the operator are never dropped.
package struct DialPlan: Sendable {
    private struct Target {
        var identity: Peer.ID?
        let isFixed: Bool
        var attempts = 0
        var due: Instant?
        var isBusy = false
        /// Since when a link to it is up.
        var connected: Instant?
        /// Why the last try brought nothing.
        var problem: String?
    }

    private static let delayMaxMilliseconds: UInt64 = 60_000
    private var targets: [String: Target] = [:]
    /// Peers that are left alone until then, whoever names an address of theirs.
    private var rests: [Peer.ID: Instant] = [:]

    package init() {}

    /// Adds an address; a known one is dialled again at once unless a link is up or under way, or
    /// its peer is left alone.
    package mutating func add(_ address: String, identity: Peer.ID? = nil, isFixed: Bool = false) {
        if let identity, isFixed { rests[identity] = nil }
        let due = (identity ?? targets[address]?.identity).flatMap { rests[$0] } ?? .zero
        if targets[address] != nil {
            if let identity { targets[address]?.identity = identity }
            if targets[address]?.isBusy == false { targets[address]?.due = due }
            return
        }
        if targets.count >= Limits.dialTargets && !isFixed {
            guard let worst = mostInVain else { return }
            targets[worst] = nil
        }
        targets[address] = Target(identity: identity, isFixed: isFixed, due: due)
    }

    /// The address that was tried in vain most often, nobody's wish and not under way.
    private var mostInVain: String? {
        targets.filter { !$0.value.isFixed && !$0.value.isBusy && $0.value.attempts > 0 }
            .max { ($0.value.attempts, $0.key) < ($1.value.attempts, $1.key) }?.key
    }

    /// Leaves a peer alone for a while; a link with it ends that.
    package mutating func rest(_ peer: Peer.ID, until end: Instant) {
        if rests.count >= Limits.dialTargets, let other = rests.min(by: { $0.value < $1.value }) {
            rests[other.key] = nil
        }
        rests[peer] = end
        for name in targets.keys where targets[name]?.identity == peer {
            if let due = targets[name]?.due { targets[name]?.due = max(due, end) }
        }
    }

    func identity(of address: String) -> Peer.ID? { targets[address]?.identity }

    /// Where a peer was met, or can be dialled as far as known, in order.
    func addresses(of peer: Peer.ID) -> [String] {
        targets.filter { $0.value.identity == peer }.keys.sorted()
    }

    mutating func remove(_ address: String) { targets[address] = nil }

    var count: Int { targets.count }

    func holds(_ address: String) -> Bool { targets[address] != nil }

    /// Whether the operator gave an address of that peer.
    func isFixed(_ peer: Peer.ID) -> Bool {
        targets.values.contains { $0.isFixed && $0.identity == peer }
    }

    /// Whether any address of that peer is still to be tried or under way.
    func isDialling(_ peer: Peer.ID) -> Bool {
        targets.values.contains { $0.identity == peer && ($0.isBusy || $0.attempts == 0) }
    }

    /// Peers of whom no address was given by the operator.
    var changeable: Set<Peer.ID> {
        var peers: Set<Peer.ID> = []
        for target in targets.values where !target.isFixed {
            if let peer = target.identity { peers.insert(peer) }
        }
        return peers
    }

    /// Gives up all addresses of a peer that the operator did not give.
    mutating func remove(_ peer: Peer.ID) {
        targets = targets.filter { $0.value.isFixed || $0.value.identity != peer }
    }

    package mutating func connected(_ address: String, to peer: Peer.ID, _ now: Instant) {
        rests[peer] = nil
        targets[address]?.identity = peer
        targets[address]?.connected = now
        targets[address]?.isBusy = true
        targets[address]?.due = nil
        targets[address]?.problem = nil
    }

    /// Tries an address no more; one that the operator gave stays in view with the reason.
    mutating func giveUp(_ address: String, because problem: String) {
        guard targets[address]?.isFixed == true else { return remove(address) }
        targets[address]?.isBusy = false
        targets[address]?.due = nil
        targets[address]?.problem = problem
    }

    /// What the operator asked for and is not there yet.
    func snapshots(linked: Set<Peer.ID>) -> [DialSnapshot] {
        targets.filter { _, target in
            target.isFixed && !(target.identity.map { linked.contains($0) } ?? false)
        }.sorted { $0.key < $1.key }.map { address, target in
            DialSnapshot(
                address: address, peer: target.identity, attempts: target.attempts,
                problem: target.problem)
        }
    }

    package mutating func failed(
        _ address: String, because problem: String, _ now: Instant, _ entropy: inout Entropy
    ) {
        guard var target = targets[address] else { return }
        if let since = target.connected, now >= since + Limits.linkProven { target.attempts = 0 }
        let base = min(Self.delayMaxMilliseconds, 1_000 << UInt64(min(target.attempts, 6)))
        let jitter = entropy.next(upperBound: base / 2 + 1)
        target.attempts += 1
        target.isBusy = false
        target.connected = nil
        target.due = now + Milliseconds(base + jitter)
        target.problem = problem
        targets[address] = target
    }

    /// A link ended: the address it was dialled at, or that its peer can be dialled at, is free.
    package mutating func closed(
        _ address: String, peer: Peer.ID?, because problem: String, _ now: Instant,
        _ entropy: inout Entropy
    ) {
        for name in targets.keys.sorted() {
            guard let target = targets[name], target.isBusy else { continue }
            if name == address || (peer != nil && target.identity == peer) {
                failed(name, because: problem, now, &entropy)
            }
        }
    }

    /// Takes the addresses whose time has come and whose peer is not linked.
    package mutating func due(_ now: Instant, linked: Set<Peer.ID>) -> [String] {
        var result: [String] = []
        for address in targets.keys.sorted() {
            guard let target = targets[address], !target.isBusy, let due = target.due, due <= now
            else { continue }
            if let identity = target.identity, linked.contains(identity) {
                targets[address]?.due = nil
                targets[address]?.isBusy = true
                targets[address]?.connected = now
                continue
            }
            targets[address]?.isBusy = true
            targets[address]?.due = nil
            result.append(address)
        }
        return result
    }

    package var nextDue: Instant? { targets.values.filter { !$0.isBusy }.compactMap(\.due).min() }
}
