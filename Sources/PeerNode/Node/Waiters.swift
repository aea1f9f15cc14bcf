import PeerState

/// What decides whether a message is news to somebody.
struct Arrival: Sendable {
    let channel: Channel.ID
    let author: Peer.ID
    let isLocal: Bool
    let isMention: Bool
    /// Who on this node sent it, when known.
    let principal: String?
}

extension Arrival {
    init(_ message: StoredMessage) {
        channel = message.channel
        author = message.author
        isLocal = message.flags.contains(.local)
        isMention = message.flags.contains(.mention)
        principal = message.principal
    }
}

extension WaitFilter {
    /// Own messages by the same principal never match (MCP 7.2).
    func matches(_ message: Arrival) -> Bool {
        if message.isLocal && (message.principal == nil || message.principal == principal) {
            return false
        }
        if let channels, !channels.contains(message.channel) { return false }
        if excluded.contains(message.author) { return false }
        if let authors, !authors.contains(message.author) { return false }
        return !mentionsOnly || message.isMention
    }
}

/// Those who wait for a message; each is woken once, by the first that matches.
///
/// - Bounds: `waitersPerPrincipal`, `waitersTotal`.
struct WaiterTable: Sendable {
    private var filters: [NodeCore.WaiterID: WaitFilter] = [:]
    private var byChannel: [Channel.ID: Set<UInt64>] = [:]
    private var anyChannel: Set<UInt64> = []
    private var perPrincipal: [String: Int] = [:]
    private var counter: UInt64 = 0

    var isEmpty: Bool { filters.isEmpty }

    /// - Errors: `tooManyWaiters`.
    mutating func add(_ filter: WaitFilter) throws(NodeFailure) -> NodeCore.WaiterID {
        guard filters.count < Limits.waitersTotal,
            perPrincipal[filter.principal, default: 0] < Limits.waitersPerPrincipal
        else {
            throw NodeFailure(
                .tooManyWaiters,
                "at most \(Limits.waitersPerPrincipal) waits at once; let one end first")
        }
        counter += 1
        let id = NodeCore.WaiterID(counter)
        filters[id] = filter
        perPrincipal[filter.principal, default: 0] += 1
        if let channels = filter.channels {
            for channel in channels { byChannel[channel, default: []].insert(counter) }
        } else {
            anyChannel.insert(counter)
        }
        return id
    }

    mutating func remove(_ id: NodeCore.WaiterID) {
        guard let filter = filters.removeValue(forKey: id) else { return }
        let left = (perPrincipal[filter.principal] ?? 1) - 1
        perPrincipal[filter.principal] = left > 0 ? left : nil
        anyChannel.remove(id.number)
        for channel in filter.channels ?? [] {
            byChannel[channel]?.remove(id.number)
            if byChannel[channel]?.isEmpty == true { byChannel[channel] = nil }
        }
    }

    /// Takes out and returns those whom `message` wakes, in order of arrival.
    mutating func matching(_ message: Arrival) -> [NodeCore.WaiterID] {
        let candidates = anyChannel.union(byChannel[message.channel] ?? [])
        let woken = candidates.sorted().map { NodeCore.WaiterID($0) }.filter {
            filters[$0]?.matches(message) ?? false
        }
        for id in woken { remove(id) }
        return woken
    }
}
