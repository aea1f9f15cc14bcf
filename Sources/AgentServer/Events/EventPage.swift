import PeerNode
import PeerState

/// As many events as one result may hold.
///
/// - Bound: `Limits.eventPageBytes`.
struct EventPage: Sendable {
    private(set) var objects: [JSON] = []
    private(set) var lines: [String] = []
    /// The feed position of the last one that is shown.
    private(set) var last: UInt64 = 0
    let isCut: Bool

    init(_ events: [NodeEvent], _ encoder: EventEncoder) {
        var bytes = 0
        for event in events {
            let object = JSON.object(encoder.object(event))
            let line = object.text
            bytes += line.utf8.count
            guard bytes <= Limits.eventPageBytes || objects.isEmpty else { break }
            objects.append(object)
            lines.append(line)
            last = event.feed ?? last
        }
        isCut = objects.count < events.count
    }
}
