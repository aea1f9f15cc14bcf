import PeerNet
import PeerState

/// Everything of a node that is never stored: what it hears, shows and says of itself.
struct LivePlane: Sendable {
    var core: EphemeralCore
    var board: LiveBoard
    var own: OwnLife
    /// Own messages so far.
    var sent: UInt64 = 0
    /// Texts whose message is written and not durable yet, by message.
    var ending: [Event.ID: EndingStream] = [:]
    /// Whether what is due has to be looked at again.
    var isDirty = true
    /// Servers in which somebody may have lost a right.
    var unswept: Set<Server.ID> = []
    /// When own presence or voice is due next.
    var due: Instant?
    var armed: Instant?
    private var counter: UInt64

    struct EndingStream: Sendable {
        let channel: Channel.ID
        let stream: [UInt8]
    }

    init(me: Peer.ID, now: Moment) {
        core = EphemeralCore(me: me)
        board = LiveBoard(me: me)
        own = OwnLife(now.monotonic)
        counter = now.wallMilliseconds
    }

    mutating func nextCounter(_ now: Moment) -> UInt64 {
        counter = max(counter + 1, now.wallMilliseconds)
        return counter
    }

    /// Whether something ends or is due.
    func isDue(_ now: Instant) -> Bool {
        isDirty || !unswept.isEmpty || due.map { $0 <= now } ?? false
            || board.nextEnd.map { $0 <= now } ?? false
    }

    /// The moment to be woken at, when it is not asked for already.
    mutating func toArm(_ now: Instant) -> Instant? {
        guard let next = [due, board.nextEnd].compactMap({ $0 }).min() else { return nil }
        if let armed, armed > now, armed <= next { return nil }
        armed = next
        return next
    }
}
