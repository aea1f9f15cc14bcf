import PeerNet
import PeerState

/// How long events took from their author's disk to that of each other node (I-20).
struct Deliveries {
    private var written: [Event.ID: Instant] = [:]
    /// Nanoseconds; of events of honest authors only.
    private(set) var times: [UInt64] = []
    /// Stored events of others.
    private(set) var received: UInt64 = 0

    mutating func note(_ event: StoredEvent, at node: Int, isOwn: Bool, _ now: Instant) {
        if isOwn {
            written[event.id] = now
            return
        }
        received += 1
        guard let since = written[event.id] else { return }
        times.append(now.nanoseconds &- since.nanoseconds)
    }

    /// Of all that took place: the time that 99 in 100 did not pass; ms.
    var p99: UInt64 {
        guard !times.isEmpty else { return 0 }
        return times.sorted()[times.count * 99 / 100] / 1_000_000
    }
}
