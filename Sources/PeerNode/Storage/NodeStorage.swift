package import PeerNet
package import PeerState

/// How a node's questions become reads of the store; called on the store's own thread, or in line
/// by the simulator.
package enum NodeStorage {
    /// Everything a node holds in memory, read once at start.
    ///
    /// - Parameters:
    ///   - me: whose node it is.
    ///   - usesCheckpoints: `false` folds every event again.
    package static func load(
        _ core: StoreCore, me: Peer.ID, usesCheckpoints: Bool = true, log: Log = .silent
    ) throws(StoreFailure) -> StoredNode {
        var stored = StoredNode()
        stored.settings = try core.settings(prefix: "")
        let keys = try core.epochKeys()
        let prekeys = try core.prekeys()
        stored.marks = try core.marks()
        stored.sent = try core.sentRows()
        stored.addresses = try core.addresses()
        stored.lastFeed = try core.lastFeedPosition()
        for id in try core.loadServers() {
            var empty = HostedServer(id: id, me: me)
            for row in keys where row.server == id {
                empty.keys.add(SecretBytes(row.key), for: row.epoch)
            }
            for row in prekeys where row.server == id {
                empty.keys.add(
                    prekey: ExchangeKey(secret: row.secret),
                    atMilliseconds: row.createdAtMilliseconds)
            }
            stored.servers.append(
                try load(empty, usesCheckpoint: usesCheckpoints, log: log, core))
            stored.totals += try core.channelTotals(in: id)
        }
        return stored
    }

    /// Answers one read of the sync core, and what is left of its ranges.
    ///
    /// - Parameter ranges: where the last page stopped; `nil` reads all again and skips what the
    ///   request says it has.
    package static func page(
        _ request: SyncCore.ReadRequest, from ranges: [EventRange]?, _ core: StoreCore
    ) throws(StoreFailure) -> (page: SyncCore.Page, remaining: [EventRange]) {
        var page = SyncCore.Page(envelopes: [], isLast: false)
        if request.needsTotals {
            let totals = try core.totals(of: request.server, ranges: wholeRanges(request))
            page.totals = SyncCore.Totals(events: totals.count, bytes: totals.bytes)
        }
        var left = ranges ?? wholeRanges(request)
        repeat {
            let found = try core.page(
                of: request.server, ranges: left, maxBytes: request.maxBytes,
                maxCount: request.maxCount)
            left = found.remaining
            let fresh = found.events.filter { event in
                request.after.map { $0 < event.orderKey } ?? true
            }
            page.envelopes = fresh.map(\.envelope)
            if found.events.isEmpty { break }
        } while page.envelopes.isEmpty && !left.isEmpty
        page.isLast = left.isEmpty
        return (page, left)
    }

    package static func wholeRanges(_ request: SyncCore.ReadRequest) -> [EventRange] {
        request.ranges.map { EventRange(author: $0.author, from: $0.from, through: $0.to) }
    }
}

/// Remembers where the reads of one want stopped, so that the next page begins there.
///
/// - Bound: 64; a want whose place was forgotten reads its ranges again and skips what it had.
package struct PageCursors: Sendable {
    private struct Key: Hashable {
        let server: Server.ID
        let ranges: [SeqRange]
        let after: OrderKey
    }

    private static let kept = 64
    private var places: [Key: [EventRange]] = [:]
    private var order: [Key] = []

    package init() {}

    /// What is left of the ranges of `request`; all of them where its place is not known.
    package mutating func ranges(for request: SyncCore.ReadRequest) -> [EventRange]? {
        guard let after = request.after else { return NodeStorage.wholeRanges(request) }
        let key = Key(server: request.server, ranges: request.ranges, after: after)
        order.removeAll { $0 == key }
        return places.removeValue(forKey: key)
    }

    package mutating func keep(
        _ remaining: [EventRange], of request: SyncCore.ReadRequest, after last: OrderKey
    ) {
        let key = Key(server: request.server, ranges: request.ranges, after: last)
        if places.updateValue(remaining, forKey: key) == nil { order.append(key) }
        if order.count > Self.kept { places[order.removeFirst()] = nil }
    }
}
