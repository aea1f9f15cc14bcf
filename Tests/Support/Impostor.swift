package import PeerNet
package import PeerState

/// Takes the place of a member with that member's own key, and sends whatever it likes.
///
/// It speaks the real session, so what it sends arrives as any frame does.
package final class Impostor: Outsider {
    package let key: SigningKey
    package private(set) var isOpen = false
    package private(set) var isClosed = false
    /// Frames that came, to be sent again.
    package private(set) var recorded: [[UInt8]] = []
    /// What the node it dialled said of itself.
    package var host: PeerHello? { session.peer }
    private var session: Session
    private var link: LinkID?

    package init(_ key: SigningKey, expecting peer: Peer.ID, entropy: Entropy, now: Instant) {
        var entropy = entropy
        self.key = key
        session = Session(
            role: .dialler(expected: peer), identity: key,
            staticKey: ExchangeKey.generate(&entropy), network: "main",
            incarnation: entropy.bytes(16), features: 0, listenPort: 0, entropy: entropy, now: now)
    }

    package func handle(_ event: MemoryNetwork.Event, now: Instant) -> [(LinkID, [UInt8])] {
        switch event {
        case .opened(let link, isDialler: true, _) where self.link == nil:
            self.link = link
            return perform(session.handle(.start, now: now))
        case .bytes(let link, let bytes) where link == self.link:
            return perform(session.handle(.bytes(bytes), now: now))
        case .closed(let link) where link == self.link:
            isClosed = true
            return []
        default: return []
        }
    }

    func send(_ frame: [UInt8], now: Instant) -> [(LinkID, [UInt8])] {
        perform(session.handle(.send(frame: frame), now: now))
    }

    private func perform(_ effects: [Session.Effect]) -> [(LinkID, [UInt8])] {
        effects.compactMap { effect in
            switch effect {
            case .write(let bytes): return link.map { ($0, bytes) }
            case .established: isOpen = true
            case .frame(let bytes): recorded.append(bytes)
            case .close: isClosed = true
            case .wake, .flooded: break
            }
            return nil
        }
    }
}
