import PeerNet
import PeerState
import Testing

@Suite struct SessionHandshakeTests {
    /// The three messages of one handshake, framed.
    private static func messages(_ pair: inout SessionPair) -> [[UInt8]] {
        _ = pair.listener.handle(.start, now: pair.now)
        let first = SessionPair.bytes(pair.dialler.handle(.start, now: pair.now))
        let second = SessionPair.bytes(pair.listener.handle(.bytes(first), now: pair.now))
        let third = SessionPair.bytes(pair.dialler.handle(.bytes(second), now: pair.now))
        return [first, second, third]
    }

    /// A side of a fresh pair that has taken everything before message `index`.
    private static func receiver(of index: Int, _ messages: [[UInt8]]) -> Session {
        var pair = SessionPair()
        if index == 1 {
            _ = pair.dialler.handle(.start, now: pair.now)
            return pair.dialler
        }
        _ = pair.listener.handle(.start, now: pair.now)
        if index == 2 { _ = pair.listener.handle(.bytes(messages[0]), now: pair.now) }
        return pair.listener
    }

    @Test func `both learn who the other is`() throws {
        var pair = SessionPair()
        pair.connect()
        guard case .established(let one) = pair.seenByDialler.first,
            case .established(let two) = pair.seenByListener.first
        else {
            Issue.record("not established")
            return
        }
        #expect(one.identity == SessionPair.key(2).publicKey)
        #expect(two.identity == SessionPair.key(1).publicKey)
        #expect(one.handshakeHash == two.handshakeHash)
        #expect(one.incarnation == SessionPair.incarnation && two.listenPort == 4646)
        #expect(two.features == Feature.provider)
        #expect(pair.dialler.isOpen && pair.listener.isOpen)
    }

    @Test func `nothing but message 1 is readable`() {
        var pair = SessionPair()
        let messages = Self.messages(&pair)
        #expect(messages.map(\.count).first == 2 + 32)
        let secrets = [SessionPair.key(1).publicKey, SessionPair.key(2).publicKey]
        for message in messages {
            for secret in secrets { #expect(message.firstRange(of: secret.bytes) == nil) }
        }
    }

    @Test func `one byte at a time is as good`() {
        var pair = SessionPair()
        let messages = Self.messages(&pair)
        var listener = Self.receiver(of: 0, messages)
        for byte in messages[0] + messages[2] {
            _ = listener.handle(.bytes([byte]), now: pair.now)
        }
        #expect(listener.isOpen)
    }

    @Test(arguments: 0..<3)
    func `each flipped bit is refused`(index: Int) {
        var pair = SessionPair()
        let messages = Self.messages(&pair)
        let receiver = Self.receiver(of: index, messages)
        for bit in 16..<messages[index].count * 8 {
            var altered = messages[index]
            altered[bit / 8] ^= 1 << (bit % 8)
            var session = receiver
            let effects = session.handle(.bytes(altered), now: pair.now)
            // Message 1 holds nothing to authenticate: the other side notices at message 2.
            if index == 0 {
                var dialler = Self.receiver(of: 1, messages)
                let answer = SessionPair.bytes(effects)
                let closed =
                    answer.isEmpty ? effects : dialler.handle(.bytes(answer), now: pair.now)
                #expect(SessionPair.closing(closed) == .badHandshake)
            } else {
                #expect(effects.count == 1)
                #expect(SessionPair.closing(effects) == .badHandshake)
            }
        }
    }

    @Test(arguments: 0..<3)
    func `a shorter or longer message is refused`(index: Int) {
        var pair = SessionPair()
        let messages = Self.messages(&pair)
        let receiver = Self.receiver(of: index, messages)
        let content = Array(messages[index].dropFirst(2))
        for length in 1..<content.count {
            var session = receiver
            let effects = session.handle(
                .bytes(Framer.frame(Array(content.prefix(length)))), now: pair.now)
            #expect(SessionPair.closing(effects) == .badHandshake)
        }
        var session = receiver
        let effects = session.handle(.bytes(Framer.frame(content + [0])), now: pair.now)
        #expect(SessionPair.closing(effects) == .badHandshake)
    }

    @Test func `length 0, wrong order and repetition are refused`() {
        var pair = SessionPair()
        let messages = Self.messages(&pair)
        var empty = Self.receiver(of: 0, messages)
        #expect(SessionPair.closing(empty.handle(.bytes([0, 0]), now: pair.now)) == .badHandshake)
        #expect(empty.problem == .emptyMessage)
        var early = Self.receiver(of: 0, messages)
        let effects = early.handle(.bytes(messages[2]), now: pair.now)
        #expect(SessionPair.closing(effects) == .badHandshake)
        var twice = Self.receiver(of: 2, messages)
        let repeated = twice.handle(.bytes(messages[0]), now: pair.now)
        #expect(SessionPair.closing(repeated) == .badHandshake)
    }

    @Test func `messages of another handshake are refused`() {
        var old = SessionPair(seed: 70)
        let replayed = Self.messages(&old)
        var pair = SessionPair()
        let messages = Self.messages(&pair)
        for index in 1...2 {
            var session = Self.receiver(of: index, messages)
            let effects = session.handle(.bytes(replayed[index]), now: pair.now)
            #expect(SessionPair.closing(effects) == .badHandshake)
        }
    }

    @Test func `a key of low order is refused`() {
        var pair = SessionPair()
        _ = pair.listener.handle(.start, now: pair.now)
        let zeros = Framer.frame([UInt8](repeating: 0, count: 32))
        let effects = pair.listener.handle(.bytes(zeros), now: pair.now)
        #expect(effects.count == 1 && SessionPair.closing(effects) == .badHandshake)
    }

    @Test func `only the dialled peer will do, and nothing is sent after another`() {
        var right = SessionPair(expected: SessionPair.key(2).publicKey)
        right.connect()
        #expect(right.dialler.isOpen)
        var wrong = SessionPair(expected: SessionPair.key(3).publicKey)
        wrong.connect()
        #expect(wrong.dialler.problem == .otherIdentity)
        #expect(SessionPair.closing(wrong.seenByDialler) == .badHandshake)
        #expect(!wrong.listener.isOpen && wrong.seenByListener.isEmpty)
    }

    @Test func `our own identity is nobody to talk to`() {
        var pair = SessionPair(diallerKey: 4, listenerKey: 4)
        pair.connect()
        #expect(pair.dialler.problem == .ownIdentity)
        #expect(!pair.listener.isOpen)
    }

    @Test func `another network fails, and the reason names it`() throws {
        var pair = SessionPair(diallerNetwork: "main", listenerNetwork: "test")
        pair.connect()
        #expect(pair.dialler.problem == .noise)
        guard case .close(let failure) = try #require(pair.seenByDialler.last) else { return }
        #expect(failure.code == .badHandshake)
        #expect(failure.detail.contains("version") && failure.detail.contains("network"))
    }

    @Test func `a signature of another role, key or handshake is refused`() throws {
        // A dishonest responder, built from the same parts.
        for wrong in 0..<4 {
            var session = SessionPair.session(.dialler(expected: nil), key: 1)
            let now = Instant(nanoseconds: 1_000_000_000)
            let first = SessionPair.bytes(session.handle(.start, now: now))
            var entropy = Entropy.seeded(SeededRandom(seed: 5))
            let staticKey = ExchangeKey.generate(&entropy)
            let start = ResponderStart(
                prologue: Handshake.prologue(network: "main"), staticKey: staticKey, &entropy)
            let key = SessionPair.key(2)
            let (second, _) = try start.receive(Array(first.dropFirst(2))).next.send { hash in
                let signed = HandshakePayload.signedBytes(
                    wrong == 1 ? .initiator : .responder,
                    staticKey: wrong == 2
                        ? ExchangeKey.generate(&entropy).publicKey
                        : staticKey.publicKey,
                    hash: wrong == 3 ? [UInt8](repeating: 0, count: 32) : hash)
                return HandshakePayload(
                    identity: key.publicKey, signature: key.sign(signed),
                    incarnation: SessionPair.incarnation, features: 0, listenPort: 0
                ).encoded
            }
            let effects = session.handle(.bytes(Framer.frame(second)), now: now)
            #expect(session.isOpen == (wrong == 0))
            if wrong > 0 {
                #expect(session.problem == .signature)
                #expect(effects.count == 1)
            }
        }
    }

    @Test func `an oversized message is refused before it is opened`() {
        var pair = SessionPair()
        let messages = Self.messages(&pair)
        var session = Self.receiver(of: 1, messages)
        let size = Handshake.secondOverhead + Limits.maxHandshakePayload + 1
        let effects = session.handle(
            .bytes(Framer.frame([UInt8](repeating: 1, count: size))), now: pair.now)
        #expect(SessionPair.closing(effects) == .badHandshake)
        #expect(session.problem == .payload)
    }

    @Test func `five seconds, whatever arrives`() {
        var pair = SessionPair()
        let wake = SessionPair.wake(pair.listener.handle(.start, now: pair.now))
        #expect(wake == pair.now + Limits.handshakeTimeout)
        pair.advance(4_999)
        #expect(SessionPair.wake(pair.listener.handle(.tick, now: pair.now)) == wake)
        #expect(pair.listener.handle(.bytes([0xff]), now: pair.now).isEmpty)
        var slow = pair.listener
        pair.advance(1)
        #expect(SessionPair.closing(pair.listener.handle(.tick, now: pair.now)) == .timeout)
        #expect(SessionPair.closing(slow.handle(.bytes([0xff]), now: pair.now)) == .timeout)
        #expect(slow.handle(.bytes([1]), now: pair.now).isEmpty)
        #expect(slow.handle(.tick, now: pair.now).isEmpty)
        #expect(slow.handle(.closed, now: pair.now).isEmpty)
    }
}
