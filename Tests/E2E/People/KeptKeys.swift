import PeerNode
import PeerState
import PeerTesting
import Testing

/// What somebody who keeps every key he ever had gets out of everything that was ever written.
struct KeptKeys {
    let opened: [Event.ID: String]
    /// Epochs whose key he has or found.
    let epochs: Set<Epoch.ID>

    /// - Parameters:
    ///   - keys: what was kept.
    ///   - envelopes: all events, in any order.
    init(
        _ keys: KeyRing, of peer: Peer.ID, _ server: Server.ID, _ envelopes: [[UInt8]]
    ) throws {
        var keys = keys
        var replica = Replica(id: server, viewer: peer)
        var events: [Event] = []
        // Ordered, so that nothing waits for what it rests on.
        let all = try envelopes.map { try Envelope(decoding: $0) }
        let pairs = try all.map { ($0, try Replica.examine($0, for: server)) }
            .sorted { $0.1.orderKey < $1.1.orderKey }
        for (envelope, event) in pairs {
            _ = replica.insert(event, envelope, source: 0, wallMilliseconds: 1 << 42)
            events.append(event)
        }
        // Boxes in rotations and shares, older keys behind newer ones, whoever they were for.
        let state = replica.state
        for _ in 0..<3 {
            for epoch in state.epochs.values { _ = try? keys.open(epoch, in: state) }
            for event in events {
                guard let share = event.body as? KeyShared else { continue }
                _ = try? keys.open(share, in: state)
            }
        }
        let held = state.epochs.keys.filter { keys.holds($0) }
        epochs = Set(held)
        var opened: [Event.ID: String] = [:]
        for event in events {
            guard let body = event.body as? MessagePosted else { continue }
            for epoch in held {
                guard let key = keys.key(epoch), let info = state.epochs[body.sealed.epoch],
                    let tried = state.epochs[epoch]
                else { continue }
                for (id, commit) in [(info.id, info.commit), (tried.id, tried.commit)] {
                    let place = MessagePlace(
                        server: server, channel: body.channel, epoch: id, commit: commit,
                        author: event.author, seq: event.seq, prev: event.prev,
                        kind: MessagePosted.kind)
                    if let text = try? place.open(body.sealed, channelKey: key) {
                        opened[event.id] = text.text
                    }
                }
            }
        }
        self.opened = opened
    }
}
