package import PeerState

/// The readable messages of one channel, in display order and in order of arrival.
///
/// - Bounds: holds the texts of the channel; paging them from the store comes with the state issue.
package struct Timeline: Sendable {
    /// One message that this node could open.
    package struct Entry: Sendable {
        package let id: Event.ID
        package let author: Peer.ID
        package let position: DisplayPosition
        package let text: String
        package let mentions: [Peer.ID]
        package let parent: Event.ID?
        package let epoch: Epoch.ID
        package let wallMilliseconds: UInt64
        /// When this node first stored it, ms.
        package let storedMilliseconds: UInt64
        package let feed: UInt64
        /// Its number among the visible messages, in order of arrival.
        package let channelSeq: UInt64
        /// Something already shown stands after it in display order.
        package internal(set) var isLate = false
        /// Who on this node sent it, when known.
        package let principal: String?
    }

    /// Sorted by position.
    package private(set) var entries: [Entry] = []
    private var positions: [Event.ID: DisplayPosition] = [:]
    /// Sorted by feed.
    private var arrivals: [(feed: UInt64, id: Event.ID)] = []

    package init() {}

    package var count: Int { entries.count }
    package func contains(_ id: Event.ID) -> Bool { positions[id] != nil }

    package mutating func insert(_ entry: Entry) {
        guard positions[entry.id] == nil else { return }
        var entry = entry
        let place = index(of: entry.position)
        entry.isLate = place < entries.count
        entries.insert(entry, at: place)
        positions[entry.id] = entry.position
        if let last = arrivals.last, last.feed > entry.feed {
            let at = arrivals.firstIndex { $0.feed > entry.feed } ?? arrivals.count
            arrivals.insert((entry.feed, entry.id), at: at)
        } else {
            arrivals.append((entry.feed, entry.id))
        }
    }

    /// The index of the first entry at or after `position`.
    package func index(of position: DisplayPosition) -> Int {
        var low = 0
        var high = entries.count
        while low < high {
            let middle = (low + high) / 2
            if entries[middle].position < position { low = middle + 1 } else { high = middle }
        }
        return low
    }

    package func entry(_ id: Event.ID) -> Entry? {
        guard let position = positions[id] else { return nil }
        let place = index(of: position)
        guard place < entries.count, entries[place].id == id else { return nil }
        return entries[place]
    }

    /// Entries announced after `feed`, in order of arrival.
    package func arrived(after feed: UInt64) -> [Entry] {
        arrivals[firstArrival(after: feed)...].compactMap { entry($0.id) }
    }

    package func arrivedCount(after feed: UInt64) -> Int {
        arrivals.count - firstArrival(after: feed)
    }

    private func firstArrival(after feed: UInt64) -> Int {
        var low = 0
        var high = arrivals.count
        while low < high {
            let middle = (low + high) / 2
            if arrivals[middle].feed <= feed { low = middle + 1 } else { high = middle }
        }
        return low
    }
}
