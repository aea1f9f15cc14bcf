import PeerState

/// What one peer and we have announced and confirmed about one server; outlives a link.
///
/// - Bound: `Limits.confirmedSerials` of each. Void when the peer has a new incarnation.
struct AnnouncementMemory: Sendable {
    let incarnation: [UInt8]
    /// Serials of the peer that we confirmed in a Hello, the latest last.
    var confirmed: [UInt64] = []
    /// Our announcements and the moment each spoke of, the latest last.
    private var announced: [(serial: UInt64, moment: UInt64)] = []
    /// Which of ours the peer says it has worked off; 0 = none.
    var base: UInt64 = 0

    init(incarnation: [UInt8]) {
        self.incarnation = incarnation
    }

    mutating func announce(_ serial: UInt64, _ moment: UInt64) {
        announced.append((serial, moment))
        if announced.count > Limits.confirmedSerials { announced.removeFirst() }
    }

    /// The moment of the announcement the peer confirmed; nil for none that is remembered.
    var baseMoment: UInt64? { announced.first { $0.serial == base }?.moment }

    mutating func confirm(_ serial: UInt64) {
        guard confirmed.last != serial else { return }
        confirmed.append(serial)
        if confirmed.count > Limits.confirmedSerials { confirmed.removeFirst() }
    }
}
