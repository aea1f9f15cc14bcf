package import PeerState

/// A network without sockets: nodes are numbers, links carry bytes in order, time is virtual.
///
/// One seed decides every delay and the order of equal times, so the same calls give the same run.
/// - Source: HOSTILE 1.1–1.3.
package struct MemoryNetwork: Sendable {
    /// What happens to one node.
    package enum Event: Hashable, Sendable {
        case opened(LinkID, isDialler: Bool, peer: Int)
        case bytes(LinkID, [UInt8])
        case closed(LinkID)
        case dialFailed(peer: Int)
        case wake
    }

    /// One event, when and where it happens.
    package struct Occurrence: Hashable, Sendable {
        package var now: Instant
        package var node: Int
        package var event: Event
    }

    /// One end of a link; what it sends arrives at `other`.
    struct End {
        let node: Int
        let other: LinkID
        /// Arrival of the last chunk sent from here, which the next one must not overtake.
        var lastArrival: Instant
        var sentChunks: UInt64 = 0
        /// Chunks kept back by a silent partition.
        var held: [[UInt8]] = []
        var heldBytes = 0
        /// Whether the end of the link is kept back as well.
        var holdsClose = false
        /// Whether this end may still send and receive.
        var isOpen = true
    }

    private struct Entry {
        let node: Int
        let event: Event
    }

    let seed: Seed
    package var conditions: MemoryConditions
    package internal(set) var now = Instant.zero
    private var queue = EventQueue<Entry>()
    var ends: [LinkID: End] = [:]
    /// What goes wrong at single nodes and on single ways.
    var faults = MemoryFaults()
    /// Ends that closed themselves or heard `.closed`, which comes once.
    private var ended: Set<LinkID> = []
    private var lastLink: UInt64 = 0
    private var entries: UInt64 = 0
    private var dials: UInt64 = 0
    /// The group of each node; empty while the network is whole.
    private var groups: [Int: Int] = [:]
    private var isSilent = false

    package init(seed: Seed, conditions: MemoryConditions = MemoryConditions()) {
        self.seed = seed
        self.conditions = conditions
    }

    /// Whether nothing more will happen.
    package var isQuiet: Bool { queue.isEmpty }

    /// Links that are open at both ends, in ascending order, two ids each.
    package var openLinks: [LinkID] {
        ends.filter { $0.value.isOpen && ends[$0.value.other]?.isOpen == true }.keys.sorted()
    }

    package func node(of link: LinkID) -> Int? { ends[link]?.node }
    package func otherEnd(of link: LinkID) -> LinkID? { ends[link]?.other }

    /// Dials; both ends hear `.opened`, or the dialler `.dialFailed` across a partition.
    ///
    /// - Returns: the id at the dialler and the id at the listener, nil when it fails.
    @discardableResult
    package mutating func connect(from: Int, to: Int) -> (dialler: LinkID, listener: LinkID)? {
        dials += 1
        var random = seed.stream("net.dial", UInt64(from) << 32 | UInt64(to), dials)
        let opens = Instant(nanoseconds: now.nanoseconds &+ conditions.delay(&random))
        guard isJoined(from, to), !faults.isBlocked(from, to), !faults.isBlocked(to, from) else {
            add(.dialFailed(peer: to), from, at: opens)
            return nil
        }
        let (dialler, listener) = (LinkID(lastLink + 1), LinkID(lastLink + 2))
        lastLink += 2
        ends[dialler] = End(node: from, other: listener, lastArrival: opens)
        ends[listener] = End(node: to, other: dialler, lastArrival: opens)
        add(.opened(dialler, isDialler: true, peer: to), from, at: opens)
        add(.opened(listener, isDialler: false, peer: from), to, at: opens)
        return (dialler, listener)
    }

    /// Sends bytes from the end `link`; nothing happens when it is closed.
    package mutating func send(_ bytes: [UInt8], on link: LinkID) {
        guard let end = ends[link], end.isOpen else { return }
        let isHeld = isHeld(end)
        let chunkMax = chunkMax(to: end)
        var rest = bytes[...]
        while !rest.isEmpty {
            let chunk = Array(rest.prefix(chunkMax))
            rest = rest.dropFirst(chunk.count)
            if isHeld {
                ends[link]?.held.append(chunk)
                ends[link]?.heldBytes += chunk.count
            } else {
                deliver(chunk, from: link)
            }
        }
    }

    /// Closes one end properly: what it sent still arrives, then the other end hears `.closed`.
    package mutating func close(_ link: LinkID) {
        guard let end = ends[link], end.isOpen else { return }
        ends[link]?.isOpen = false
        ended.insert(link)
        if isHeld(end) {
            ends[link]?.holdsClose = true
        } else {
            sendClose(from: link)
        }
    }

    /// Breaks a link: what is on its way is lost, and both ends hear `.closed`.
    package mutating func cut(_ link: LinkID) {
        guard let end = ends[link] else { return }
        for (id, node) in [(link, end.node), (end.other, ends[end.other]?.node ?? end.node)] {
            guard ends[id]?.isOpen == true else { continue }
            ends[id]?.isOpen = false
            ends[id]?.held = []
            ends[id]?.heldBytes = 0
            ends[id]?.holdsClose = false
            let arrival = arrival(from: id)
            add(.closed(id), node, at: arrival)
        }
    }

    /// Calls a node back; each call is one entry, none replaces another.
    package mutating func schedule(_ node: Int, at: Instant) {
        add(.wake, node, at: max(at, now))
    }

    /// Separates groups of nodes; who is in none of them is alone.
    ///
    /// - Parameter isSilent: whether links across stay up and hold their bytes until `heal`, as
    ///   half-open connections do, instead of being cut.
    package mutating func partition(_ groups: [[Int]], isSilent: Bool = false) {
        self.groups = [:]
        for (number, group) in groups.enumerated() {
            for node in group { self.groups[node] = number + 1 }
        }
        self.isSilent = isSilent
        // Without a listed node the network would count as whole.
        if self.groups.isEmpty { self.groups[-1] = 1 }
        guard !isSilent else { return }
        for link in openLinks {
            guard let end = ends[link], let other = ends[end.other] else { continue }
            if !isJoined(end.node, other.node) { cut(link) }
        }
    }

    /// Joins all nodes again; held bytes go on their way. Links that were cut stay cut.
    package mutating func heal() {
        groups = [:]
        isSilent = false
        faults = MemoryFaults()
        releaseHeld()
    }

    /// Sends on its way what nothing holds back any more.
    mutating func releaseHeld() {
        for link in ends.keys.sorted() {
            guard let end = ends[link], !end.held.isEmpty || end.holdsClose, !isHeld(end) else {
                continue
            }
            ends[link]?.held = []
            ends[link]?.heldBytes = 0
            ends[link]?.holdsClose = false
            for chunk in end.held { deliver(chunk, from: link) }
            if end.holdsClose { sendClose(from: link) }
        }
    }

    /// Moves to the next event; nil when nothing is left.
    package mutating func next() -> Occurrence? {
        while let (at, entry) = queue.next() {
            now = max(now, at)
            switch entry.event {
            case .bytes(let link, _), .opened(let link, _, _):
                guard ends[link]?.isOpen == true else { continue }
            case .closed(let link):
                ends[link]?.isOpen = false
                forget(link)
                guard ended.insert(link).inserted else { continue }
            case .dialFailed, .wake: break
            }
            return Occurrence(now: now, node: entry.node, event: entry.event)
        }
        return nil
    }

    /// When the next event happens, at the earliest.
    package var nextTime: Instant? { queue.nextTime }

    private func isJoined(_ first: Int, _ second: Int) -> Bool {
        if groups.isEmpty || first == second { return true }
        guard let group = groups[first] else { return false }
        return group == groups[second]
    }

    private func isHeld(_ end: End) -> Bool {
        guard let other = ends[end.other] else { return false }
        if faults.isBlocked(end.node, other.node) || faults.stalled.contains(other.node) {
            return true
        }
        return isSilent && !isJoined(end.node, other.node)
    }

    private mutating func sendClose(from link: LinkID) {
        guard let end = ends[link], let node = ends[end.other]?.node else { return }
        let arrival = arrival(from: link)
        add(.closed(end.other), node, at: arrival)
    }

    private mutating func deliver(_ chunk: [UInt8], from link: LinkID) {
        guard let end = ends[link], let node = ends[end.other]?.node else { return }
        let arrival = arrival(from: link, bytes: chunk.count)
        add(.bytes(end.other, chunk), node, at: arrival)
    }

    /// When a chunk sent now arrives: after its delay, after the one before it, and no sooner than
    /// the rate of its sender allows.
    private mutating func arrival(from link: LinkID, bytes: Int = 0) -> Instant {
        guard let end = ends[link] else { return now }
        var random = seed.stream("net.delay", link.number, end.sentChunks)
        let drawn = now.nanoseconds &+ conditions.delay(&random)
        let spent = faults.transmission(of: bytes, by: end.node)
        let earliest = max(end.lastArrival.nanoseconds, spent == 0 ? 0 : now.nanoseconds)
        let arrival = Instant(nanoseconds: max(drawn, earliest + max(1, spent)))
        ends[link]?.lastArrival = arrival
        ends[link]?.sentChunks += 1
        return arrival
    }

    private mutating func add(_ event: Event, _ node: Int, at: Instant) {
        entries += 1
        var random = seed.stream("net.tie", UInt64(node), entries)
        queue.add(Entry(node: node, event: event), at: at, tie: random.next())
    }

    /// Drops a link once both ends know that it has ended.
    private mutating func forget(_ link: LinkID) {
        guard let end = ends[link], ends[end.other]?.isOpen != true else { return }
        ends[link] = nil
        if end.other != link { ends[end.other] = nil }
    }
}
