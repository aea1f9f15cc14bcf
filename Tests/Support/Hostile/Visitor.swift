package import PeerNet
package import PeerState

/// Somebody at a place of the network who is no member, writes what he likes and keeps the rest.
package final class Visitor: Outsider {
    /// What came over each link.
    package private(set) var received: [LinkID: [UInt8]] = [:]
    package private(set) var opened: [LinkID] = []
    package private(set) var closed: Set<LinkID> = []
    package private(set) var links: [LinkID] = []
    /// Frames that came over links on which it speaks the protocol.
    package private(set) var frames: [[UInt8]] = []
    /// Answers those who dial it, or what it dialled, as a peer does; bytes are kept otherwise.
    package var makeSession: ((_ isDialler: Bool, _ now: Instant) -> Session)?
    private var sessions: [LinkID: Session] = [:]

    package init() {}

    /// Whether a handshake with it ended well.
    package func isEstablished(_ link: LinkID) -> Bool { sessions[link]?.isOpen == true }

    package func handle(_ event: MemoryNetwork.Event, now: Instant) -> [(LinkID, [UInt8])] {
        switch event {
        case .opened(let link, let isDialler, _):
            links.append(link)
            opened.append(link)
            guard let makeSession else { return [] }
            sessions[link] = makeSession(isDialler, now)
            return session(link, .start, now)
        case .bytes(let link, let bytes):
            received[link, default: []] += bytes
            return session(link, .bytes(bytes), now)
        case .closed(let link):
            closed.insert(link)
            return session(link, .closed, now)
        case .dialFailed, .wake: return []
        }
    }

    func send(_ frame: [UInt8], on link: LinkID, now: Instant) -> [(LinkID, [UInt8])] {
        session(link, .send(frame: frame), now)
    }

    private func session(
        _ link: LinkID, _ input: Session.Input, _ now: Instant
    ) -> [(LinkID, [UInt8])] {
        let effects = sessions[link]?.handle(input, now: now) ?? []
        return effects.compactMap { effect in
            switch effect {
            case .write(let bytes): return (link, bytes)
            case .frame(let frame): frames.append(frame)
            case .established, .flooded, .wake, .close: break
            }
            return nil
        }
    }
}
