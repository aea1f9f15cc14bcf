package import PeerState

/// A session on a TCP link: carries out its effects and keeps its timer.
///
/// - Isolation: loop thread only; callbacks too. The open link keeps it alive.
package final class SessionLink {
    package var onEstablished: ((PeerHello) -> Void)?
    package var onFrame: (([UInt8]) -> Void)?
    package var onDrain: (() -> Void)?
    /// Exactly once, with the reason the session gave or the connection had.
    package var onClose: ((NetFailure) -> Void)?

    package let link: TCPLink
    package private(set) var session: Session
    private let timer: Timer
    private var reason: NetFailure?

    /// Takes over a connected link; set the callbacks, then `start`.
    package init(_ link: TCPLink, _ session: Session) throws(NetFailure) {
        self.link = link
        self.session = session
        var onFire: () -> Void = {}
        timer = try Timer(link.loop) { onFire() }
        onFire = { [weak self] in self?.input(.tick) }
        link.onBytes = { self.input(.bytes($0)) }
        link.onDrain = { self.onDrain?() }
        link.onClose = { self.closed($0) }
    }

    package func start() {
        input(.start)
        link.resumeReading()
    }

    package func send(frame: [UInt8]) { input(.send(frame: frame)) }

    /// Says why, and closes when what is queued has left.
    package func close(_ failure: NetFailure) {
        perform(session.close(failure, now: link.loop.now))
    }

    package func reportBadFrame(about type: UInt64, server: Server.ID?) {
        perform(session.reportBadFrame(about: type, server: server, now: link.loop.now))
    }

    private func input(_ input: Session.Input) {
        perform(session.handle(input, now: link.loop.now))
    }

    private func perform(_ effects: [Session.Effect]) {
        for effect in effects {
            switch effect {
            case .write(let bytes): link.write(bytes)
            case .established(let hello): onEstablished?(hello)
            case .frame(let frame): onFrame?(frame)
            case .flooded: break  // Who keeps scores closes.
            case .wake(let instant): timer.arm(at: instant)
            case .close(let failure):
                reason = reason ?? failure
                timer.disarm()
                // An unfinished handshake is owed no courtesy.
                if session.peer == nil { link.close(failure) } else { link.finish() }
            }
        }
    }

    private func closed(_ failure: NetFailure?) {
        timer.close()
        _ = session.handle(.closed, now: link.loop.now)
        let closed = onClose
        onEstablished = nil
        onFrame = nil
        onDrain = nil
        onClose = nil
        closed?(reason ?? failure ?? NetFailure(.linkClosed, "the connection ended"))
    }
}
