import PeerNet
import PeerState
import Testing

@Suite struct SessionFrameTests {
    private static func frame(_ elements: CBORValue...) -> [UInt8] {
        CBORValue.array(elements).encoded
    }

    private static let reject = frame(
        .unsigned(23), .null, .unsigned(0), .null, .text("badFrame"), .text(""))

    private static func wouldNotRead(_ index: Int) -> [UInt8] {
        [
            [0x80], [0xff, 0xff], [0x81], [0x00], [0x82, 0x0a], [0x81, 0x61, 0x61],
            frame(.unsigned(10)) + [0],
        ][index]
    }

    @Test(arguments: [
        3, 100, 65_517, 65_518, 65_519, 131_036, 131_037, Limits.maxFrame,
    ])
    func `a frame arrives whole`(count: Int) {
        var pair = SessionPair.opened()
        let frame = SessionPair.frame(count: count)
        pair.send(frame)
        #expect(pair.seenByListener.last == .frame(frame))
    }

    @Test func `records have the lengths of the page`() {
        var pair = SessionPair.opened()
        let frame = SessionPair.frame(count: 65_519)
        let bytes = SessionPair.bytes(pair.dialler.handle(.send(frame: frame), now: pair.now))
        #expect(bytes.count == 2 + 65_535 + 2 + 18)
        #expect(Array(bytes.prefix(2)) == [0xff, 0xff])
        // Nothing of the frame is visible.
        #expect(bytes.firstRange(of: frame.prefix(16)) == nil)
    }

    @Test func `byte by byte gives the same frames`() {
        var pair = SessionPair.opened()
        let frames = [3, 300, 70_000].map { SessionPair.frame(count: $0) }
        var received: [Session.Effect] = []
        for frame in frames {
            for byte in SessionPair.bytes(pair.dialler.handle(.send(frame: frame), now: pair.now)) {
                received += pair.listener.handle(.bytes([byte]), now: pair.now)
            }
        }
        #expect(received == frames.map { .frame($0) })
    }

    /// A frame is performed, and answered, after all bytes that came with it were looked at.
    @Test(arguments: [frame(.unsigned(1), .unsigned(5)), [0x80]])
    func `records leave in the order in which they were sealed`(second: [UInt8]) {
        var pair = SessionPair.opened()
        let (now, answer) = (pair.now, SessionPair.frame(count: 40))
        let first = pair.dialler.handle(.send(frame: SessionPair.frame(count: 3)), now: now)
        let both = first + pair.dialler.handle(.send(frame: second), now: now)
        var left: [UInt8] = []
        for effect in pair.listener.handle(.bytes(SessionPair.bytes(both)), now: now) {
            switch effect {
            case .write(let bytes): left += bytes
            case .frame:
                left += SessionPair.bytes(pair.listener.handle(.send(frame: answer), now: now))
            default: break
            }
        }
        let received = pair.dialler.handle(.bytes(left), now: now)
        #expect(received.contains(.frame(answer)) && SessionPair.closing(received) == nil)
    }

    @Test func `a frame beyond the bound closes`() throws {
        var (sender, session) = try Self.rawSender()
        let now = Instant(nanoseconds: 1_000_000_000)
        var effects: [Session.Effect] = []
        for _ in 0..<3 {
            let record = [1] + [UInt8](repeating: 0, count: Limits.maxRecordContent)
            effects += session.handle(
                .bytes(Framer.frame(try sender.sending.encrypt(record))), now: now)
        }
        #expect(effects.count == 1 && SessionPair.closing(effects) == .badFrame)
    }

    /// A listener whose dialler is driven by hand, record by record.
    private static func rawSender() throws -> (NoiseTransport, Session) {
        var session = SessionPair.session(.listener, key: 2)
        let now = Instant(nanoseconds: 1_000_000_000)
        _ = session.handle(.start, now: now)
        var entropy = Entropy.seeded(SeededRandom(seed: 3))
        let staticKey = ExchangeKey.generate(&entropy)
        let key = SessionPair.key(1)
        let start = InitiatorStart(
            prologue: Handshake.prologue(network: "main"), staticKey: staticKey, &entropy)
        let (first, waiting) = try start.send()
        let second = SessionPair.bytes(session.handle(.bytes(Framer.frame(first)), now: now))
        let (_, finishing) = try waiting.receive(Array(second.dropFirst(2)))
        let (third, transport) = try finishing.send { hash in
            let signed = HandshakePayload.signedBytes(
                .initiator, staticKey: staticKey.publicKey, hash: hash)
            return HandshakePayload(
                identity: key.publicKey, signature: key.sign(signed),
                incarnation: SessionPair.incarnation, features: 0, listenPort: 0
            ).encoded
        }
        _ = session.handle(.bytes(Framer.frame(third)), now: now)
        #expect(session.isOpen)
        return (transport, session)
    }

    @Test(arguments: 0..<7)
    func `what does not read is rejected, and the third closes`(index: Int) {
        var pair = SessionPair.opened()
        for _ in 0..<2 {
            pair.send(Self.wouldNotRead(index))
            #expect(pair.seenByDialler.last == .frame(Self.reject))
            pair.advance(1_000)
        }
        #expect(pair.listener.isOpen && pair.listener.badFrameCount == 2)
        pair.send(Self.wouldNotRead(index))
        #expect(SessionPair.closing(pair.seenByListener) == .badFrame)
        // The other side is told why.
        #expect(SessionPair.closing(pair.seenByDialler) == .badFrame)
    }

    @Test func `bad frames are forgiven after ten minutes`() {
        var pair = SessionPair.opened()
        for _ in 0..<5 {
            pair.send([0x80])
            for _ in 0..<30 {
                pair.advance(11_000)
                pair.send(Self.frame(.unsigned(10)))
            }
        }
        #expect(pair.listener.isOpen && pair.listener.badFrameCount == 5)
    }

    @Test func `a bad frame found above counts the same`() {
        var pair = SessionPair.opened()
        let server = Server.ID(SessionPair.key(5).publicKey)
        for count in 1...3 {
            let effects = pair.listener.reportBadFrame(about: 15, server: server, now: pair.now)
            pair.exchange(fromListener: effects)
            #expect(pair.listener.isOpen == (count < 3))
        }
        let reject = Self.frame(
            .unsigned(23), .bytes(server.bytes), .unsigned(15), .null, .text("badFrame"), .text(""))
        #expect(pair.seenByDialler.filter { $0 == .frame(reject) }.count == 3)
        #expect(pair.listener.reportBadFrame(about: 1, server: nil, now: pair.now).isEmpty)
    }

    @Test(arguments: [0, 5, 9, 39, 44, 49, 56, 63] as [UInt64])
    func `undefined types below 64 are bad frames`(type: UInt64) {
        var pair = SessionPair.opened()
        pair.send(Self.frame(.unsigned(type)))
        #expect(pair.listener.badFrameCount == 1)
    }

    @Test func `types from 64 on are ignored`() {
        var pair = SessionPair.opened()
        let seen = pair.seenByListener
        for type in [64, 65, 1 << 32, UInt64.max] { pair.send(Self.frame(.unsigned(type), .null)) }
        #expect(pair.seenByListener == seen && pair.listener.badFrameCount == 0)
    }

    @Test(arguments: [[1], [2], [3], [1, 0x61], [3, 0x01]] as [[UInt8]])
    func `own frames with a wrong element are bad frames`(elements: [UInt8]) {
        var pair = SessionPair.opened()
        let text: [UInt8] = elements.last == 0x61 ? [0x61] : []
        pair.send([0x80 | UInt8(elements.count)] + elements + text)
        #expect(pair.listener.badFrameCount == 1)
    }

    @Test func `records with unknown flags or nothing inside are bad frames`() throws {
        var (sender, session) = try Self.rawSender()
        let now = Instant(nanoseconds: 1_000_000_000)
        let records: [[UInt8]] = [[], [2, 0x81, 0x0a], [0x80]]
        for (count, record) in records.enumerated() {
            let bytes = Framer.frame(try sender.sending.encrypt(record))
            _ = session.handle(.bytes(bytes), now: now)
            #expect(session.badFrameCount == UInt64(count) + 1)
        }
        #expect(session.isClosed)
    }

    @Test func `a forged or repeated record closes`() {
        var pair = SessionPair.opened()
        let effects = pair.dialler.handle(.send(frame: SessionPair.frame(count: 50)), now: pair.now)
        let bytes = SessionPair.bytes(effects)
        var other = pair.listener
        var altered = bytes
        altered[9] ^= 1
        #expect(SessionPair.closing(other.handle(.bytes(altered), now: pair.now)) == .badFrame)
        #expect(pair.listener.handle(.bytes(bytes), now: pair.now).count == 1)
        #expect(
            SessionPair.closing(pair.listener.handle(.bytes(bytes), now: pair.now)) == .badFrame)
        #expect(pair.listener.handle(.bytes(bytes), now: pair.now).isEmpty)
    }

    private static func floods(_ effects: [Session.Effect]) -> Int {
        effects.count { $0 == .flooded }
    }

    @Test func `each hundred pings or unknown frames beyond those of a second count`() {
        for frame in [Self.frame(.unsigned(1), .unsigned(1)), Self.frame(.unsigned(99))] {
            var pair = SessionPair.opened()
            for _ in 0..<3 {
                for _ in 0..<100 { pair.send(frame) }
                #expect(pair.listener.isOpen)
                pair.advance(1_000)
            }
            #expect(Self.floods(pair.seenByListener) == 0)
            for _ in 0..<200 { pair.send(frame) }
            #expect(Self.floods(pair.seenByListener) == 1)
            pair.send(frame)
            #expect(Self.floods(pair.seenByListener) == 2)
            pair.advance(1_000)
            for _ in 0..<100 { pair.send(frame) }
            #expect(Self.floods(pair.seenByListener) == 2 && pair.listener.isOpen)
        }
    }

    @Test func `a flood of pings is answered once a second`() {
        var pair = SessionPair.opened()
        var answers = 0
        for _ in 0..<100 {
            let bytes = SessionPair.bytes(
                pair.dialler.handle(
                    .send(frame: Self.frame(.unsigned(1), .unsigned(1))), now: pair.now))
            answers += pair.listener.handle(.bytes(bytes), now: pair.now).count
        }
        #expect(answers == 1)
    }

    @Test func `empty fragments count as a flood`() throws {
        var (sender, session) = try Self.rawSender()
        let now = Instant(nanoseconds: 1_000_000_000)
        var floods = 0
        for _ in 0..<101 {
            floods += Self.floods(
                session.handle(.bytes(Framer.frame(try sender.sending.encrypt([1]))), now: now))
        }
        #expect(floods == 1)
    }

    @Test func `credit counts once a second, however much there is`() {
        var pair = SessionPair.opened()
        let credit = Self.frame(.unsigned(18), .unsigned(1), .unsigned(1))
        for second in 0..<8 {
            #expect(Self.floods(pair.seenByListener) == second)
            for _ in 0..<(second == 0 ? 500 : 101) { pair.send(credit) }
            pair.advance(1_000)
        }
        #expect(Self.floods(pair.seenByListener) == 8)
        let passed = pair.seenByListener.count { if case .frame = $0 { true } else { false } }
        #expect(passed == 500 + 7 * 101, "each of them is credit all the same")
    }

    @Test func `goodbye names its reason on both sides`() {
        var pair = SessionPair.opened()
        let effects = pair.dialler.close(NetFailure(.superseded, "another link"), now: pair.now)
        pair.exchange(fromDialler: effects)
        #expect(SessionPair.closing(pair.seenByDialler) == .superseded)
        #expect(SessionPair.closing(pair.seenByListener) == .superseded)
        #expect(pair.dialler.handle(.send(frame: [0x81, 0x0a]), now: pair.now).isEmpty)
        #expect(pair.dialler.close(NetFailure(.timeout), now: pair.now).isEmpty)
    }
}
