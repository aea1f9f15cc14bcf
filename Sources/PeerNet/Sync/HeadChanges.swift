import PeerState

/// Whose heads changed since an earlier announcement, so that only those are announced again.
///
/// - Bound: `Limits.headChanges`; who needs older ones is told everything.
struct HeadChanges: Sendable {
    private var log: [Peer.ID] = []
    /// How many changes were dropped from the front of the log.
    private var offset: UInt64 = 0
    /// The latest place of each author in the log.
    private var places: [Peer.ID: UInt64] = [:]
    /// The version last taken; an author is written once between two.
    private var mark: UInt64 = 0

    private var version: UInt64 { offset + UInt64(log.count) }

    mutating func note(_ author: Peer.ID) {
        if let place = places[author], place >= mark { return }
        if log.count >= Limits.headChanges {
            offset += UInt64(log.count / 2)
            log.removeFirst(log.count / 2)
            let offset = offset
            places = places.filter { $0.value >= offset }
        }
        places[author] = version
        log.append(author)
    }

    /// Names this moment.
    mutating func take() -> UInt64 {
        mark = version
        return version
    }

    /// The authors changed since a moment; nil when that is not known any more.
    func authors(since moment: UInt64) -> Set<Peer.ID>? {
        guard moment >= offset, moment <= version else { return nil }
        return Set(log[Int(moment - offset)...])
    }

    /// Heads changed in a way nobody told.
    mutating func forget() {
        offset = version + 1
        log = []
        places = [:]
        mark = offset
    }
}
