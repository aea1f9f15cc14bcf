import PeerNet
import PeerState

/// Two sessions and what they have told each other, without a network.
struct SessionPair {
    static let incarnation = [UInt8](repeating: 9, count: 16)

    var dialler: Session
    var listener: Session
    var now = Instant(nanoseconds: 1_000_000_000)
    /// Effects other than writes and wakes, in order.
    var seenByDialler: [Session.Effect] = []
    var seenByListener: [Session.Effect] = []

    static func key(_ byte: UInt8) -> SigningKey {
        SigningKey(seed: [UInt8](repeating: byte, count: 32))
    }

    static func session(
        _ role: Session.Role, key: UInt8, network: String = "main", seed: UInt64 = 7,
        now: Instant = Instant(nanoseconds: 1_000_000_000)
    ) -> Session {
        session(
            role, key: Self.key(key), network: network, seed: seed &* 256 &+ UInt64(key), now: now)
    }

    static func session(
        _ role: Session.Role, key: SigningKey, network: String = "main", seed: UInt64 = 7,
        now: Instant
    ) -> Session {
        var entropy = Entropy.seeded(SeededRandom(seed: seed))
        let staticKey = ExchangeKey.generate(&entropy)
        return Session(
            role: role, identity: key, staticKey: staticKey, network: network,
            incarnation: incarnation, features: 2, listenPort: 4646, entropy: entropy, now: now)
    }

    init(
        expected: Peer.ID? = nil, diallerKey: UInt8 = 1, listenerKey: UInt8 = 2,
        diallerNetwork: String = "main", listenerNetwork: String = "main", seed: UInt64 = 7
    ) {
        dialler = Self.session(
            .dialler(expected: expected), key: diallerKey, network: diallerNetwork, seed: seed)
        listener = Self.session(.listener, key: listenerKey, network: listenerNetwork, seed: seed)
    }

    static func opened(seed: UInt64 = 7) -> SessionPair {
        var pair = SessionPair(seed: seed)
        pair.connect()
        return pair
    }

    mutating func connect() {
        let answer = listener.handle(.start, now: now)
        let first = dialler.handle(.start, now: now)
        exchange(fromDialler: first, fromListener: answer)
    }

    /// Delivers writes both ways until nobody has anything to say.
    mutating func exchange(
        fromDialler: [Session.Effect] = [], fromListener: [Session.Effect] = []
    ) {
        var left = fromDialler
        var right = fromListener
        while !left.isEmpty || !right.isEmpty {
            let toListener = Self.bytes(left)
            let toDialler = Self.bytes(right)
            seenByDialler += Self.seen(left)
            seenByListener += Self.seen(right)
            left = toDialler.isEmpty ? [] : dialler.handle(.bytes(toDialler), now: now)
            right = toListener.isEmpty ? [] : listener.handle(.bytes(toListener), now: now)
        }
    }

    mutating func send(_ frame: [UInt8]) {
        exchange(fromDialler: dialler.handle(.send(frame: frame), now: now))
    }

    mutating func advance(_ time: Milliseconds) { now = now + time }

    static func bytes(_ effects: [Session.Effect]) -> [UInt8] {
        effects.flatMap { effect in
            if case .write(let bytes) = effect { bytes } else { [UInt8]() }
        }
    }

    static func seen(_ effects: [Session.Effect]) -> [Session.Effect] {
        effects.filter { effect in
            switch effect {
            case .write, .wake: false
            default: true
            }
        }
    }

    static func closing(_ effects: [Session.Effect]) -> NetCode? {
        guard case .close(let failure) = effects.last else { return nil }
        return failure.code
    }

    static func wake(_ effects: [Session.Effect]) -> Instant? {
        for case .wake(let instant) in effects { return instant }
        return nil
    }

    /// A frame that passes up: `[10, bytes]` of exactly `count` bytes.
    static func frame(count: Int) -> [UInt8] {
        var size = count - 2
        while true {
            var writer = CBORWriter()
            writer.array(2)
            writer.unsigned(10)
            writer.byteString((0..<size).map { UInt8(truncatingIfNeeded: $0) })
            if writer.bytes.count == count { return writer.bytes }
            size -= 1
        }
    }
}
