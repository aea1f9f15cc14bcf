import PeerNet
import PeerState

/// How long events took from their author's disk to that of each other node (I-20).
///
/// What was written before a node had anything of the server is history to it, not late; and whoever
/// was put out of it for a while is not counted there at all.
struct Deliveries {
    /// One node in one server.
    private struct Place: Hashable {
        let node: Int
        let server: Server.ID
    }

    /// Of an event of an honest author, to one place.
    private struct Delivery {
        let event: Event.ID
        let place: Place
        let nanoseconds: UInt64
    }

    private var written: [Event.ID: Instant] = [:]
    private var arrived: [Place: Instant] = [:]
    private var excluded: Set<Place> = []
    private var deliveries: [Delivery] = []
    /// Stored events of others.
    private(set) var received: UInt64 = 0

    /// - Parameter isMember: whether the node is one now, as far as it knows.
    mutating func note(
        _ event: StoredEvent, at node: Int, isOwn: Bool, isMember: Bool, _ now: Instant
    ) {
        let place = Place(node: node, server: event.server)
        let began = arrived[place] ?? now
        arrived[place] = began
        if isOwn {
            written[event.id] = now
            return
        }
        received += 1
        if !isMember, began < now { excluded.insert(place) }
        guard let since = written[event.id], since > began else { return }
        deliveries.append(
            Delivery(
                event: event.id, place: place, nanoseconds: now.nanoseconds &- since.nanoseconds))
    }

    private var counted: [Delivery] {
        deliveries.filter { !excluded.contains($0.place) }
    }

    /// Which took longest, where and how long; empty without any.
    var slowest: String {
        counted.max { $0.nanoseconds < $1.nanoseconds }.map {
            "\($0.event.short) at node \($0.place.node) after \($0.nanoseconds / 1_000_000) ms"
        } ?? ""
    }

    /// Of all that took place: the time that 99 in 100 did not pass; ms.
    var p99: UInt64 {
        let times = counted.map(\.nanoseconds).sorted()
        return times.isEmpty ? 0 : times[times.count * 99 / 100] / 1_000_000
    }
}
