import PeerNet
import PeerNode
import PeerState
import PeerTesting
import Testing

/// HOSTILE "Frames and handshake" once a link is up: what may come over it.
@Suite struct OpenLinkRowTests {
    private static let stranger = HandshakeRowTests.stranger

    /// A stranger whose link is up, and who seals records himself.
    private final class Bench {
        let three: HonestThree
        let link: LinkID
        private var transport: NoiseTransport

        init(seed: UInt64) throws {
            three = try HonestThree(seed: seed)
            (link, transport) = try three.enter(OpenLinkRowTests.stranger)
            try #require(!three.isClosed(link))
        }

        /// One record with these flags.
        func record(_ content: [UInt8], flags: UInt8 = 0) throws {
            three.write(Framer.frame(try transport.sending.encrypt([flags] + content)), on: link)
        }

        var isClosed: Bool { three.isClosed(link) }

        /// The score that node 0 gives the stranger.
        var score: Double { three.mesh.core(0).score(of: OpenLinkRowTests.stranger.publicKey) }
    }

    /// What reads as nothing, below the frames of servers and in them.
    private static let garbage: [[UInt8]] = [
        [0x80], [0xff, 0xff], [0x81], [0x00], [0x82, 0x0a], [0x81, 0x61, 0x61],
        // A Hello without its last element, a Want whose ranges are a number.
        Array(
            SyncMessageTests.frame(
                (0..<7).map { $0 == 0 ? [10] : [UInt8($0)] })),
        [0x85, 15, 0xf6, 1, 1, 1],
    ]

    @Test(arguments: garbage.indices)
    func `H-010 a valid tag with garbage inside`(index: Int) throws {
        let bench = try Bench(seed: 1_010)
        for count in 1...Limits.badFrames {
            let before = bench.score
            let spent = try bench.three.spent(for: .seconds(1)) {
                try bench.record(Self.garbage[index])
            }
            #expect(spent.work.signatureChecks == 0 && spent.writes == 0)
            #expect(spent.answered > 0, "a Reject, or the Bye after it")
            #expect(bench.score < before, "penalised")
            #expect(bench.isClosed == (count == Limits.badFrames), "frame \(count)")
        }
        #expect(bench.three.logged("badFrame") >= 1)
        try bench.three.expectPeace()
    }

    @Test(arguments: SyncMessageTests.samples.indices)
    func `H-010 a missing element, one of a wrong type; extra ones are ignored`(
        index: Int
    ) throws {
        let bench = try Bench(seed: 1_010)
        let elements = try SyncMessageTests.elements(SyncMessageTests.samples[index].bytes)
        let longer = SyncMessageTests.frame(elements + [[0xa0], [0x01]])
        let free = try bench.three.spent(for: .seconds(1)) { try bench.record(longer) }
        // Offers and blob frames are read more closely; the others read, and say nothing.
        let isFine = bench.score >= 0
        #expect(!bench.isClosed && free.writes == 0)
        #expect(isFine || SyncMessageTests.samples[index].type == SyncFrameType.offer.rawValue)
        let before = bench.score
        let missing = SyncMessageTests.frame(Array(elements.dropLast()))
        var wrong = elements
        wrong[elements.count - 1] = [0xa0]
        for frame in [missing, SyncMessageTests.frame(wrong)] {
            let spent = try bench.three.spent(for: .seconds(1)) { try bench.record(frame) }
            #expect(spent.work.signatureChecks == 0 && spent.writes == 0)
        }
        #expect(bench.score < before - 10)
        try bench.three.expectPeace()
    }

    @Test func `H-011 frames after close`() throws {
        let bench = try Bench(seed: 1_011)
        var writer = CBORWriter()
        writer.array(2)
        writer.unsigned(3)
        writer.text("timeout")
        try bench.record(writer.bytes)
        for _ in 0..<100 {
            try bench.record([0x80])
            try bench.record([0x82, 1, 1])
        }
        let spent = bench.three.spent {}
        #expect(bench.isClosed)
        #expect(spent.work == Cost() || spent.work.signatureChecks == 0)
        #expect(spent.writes == 0 && spent.answered == 0)
        #expect(bench.score >= 0, "what came after the end was not looked at")
        try bench.three.expectPeace()
    }

    @Test func `H-015 keys change after so long or so many records, and no nonce comes twice`()
        throws
    {
        for records in [Limits.rekeyAfterRecords, 4] {
            var pair = SessionPair.opened()
            pair.dialler.rekeyAfterRecords = records
            var sealed: Set<[UInt8]> = []
            var frames = 0
            let end = pair.now + Milliseconds(3 * Limits.rekeyAfter.count)
            while pair.now < end {
                pair.advance(Limits.pingAfter.count > 10_000 ? 10_000 : 1_000)
                // One plaintext all the time: the same key and nonce would show.
                let effects = pair.dialler.handle(.send(frame: [0x81, 0x0a]), now: pair.now)
                for case .write(let bytes) in effects { #expect(sealed.insert(bytes).inserted) }
                frames += 1
                pair.exchange(fromDialler: effects)
                let tick = pair.dialler.handle(.tick, now: pair.now)
                pair.exchange(
                    fromDialler: tick, fromListener: pair.listener.handle(.tick, now: pair.now))
            }
            #expect(pair.dialler.isOpen && pair.listener.isOpen)
            #expect(pair.seenByListener.count == 1 + frames)
        }
        #expect(Limits.rekeyAfter == .seconds(3_600) && Limits.rekeyAfterRecords == 1 << 32)
    }

    @Test func `H-015 the last counter closes the link`() throws {
        let key = [UInt8](repeating: 4, count: 32)
        let dialler = try HandDialler(Self.stranger)
        var listener = SessionPair.session(.listener, key: 2)
        let now = Instant(nanoseconds: 1_000_000_000)
        _ = listener.handle(.start, now: now)
        let second = SessionPair.bytes(listener.handle(.bytes(dialler.first), now: now))
        var ending = try dialler.third(after: second) { dialler.payload($0) }.transport
        ending.sending = CipherState(key: key, nonce: .max - 1)
        ending.receiving = CipherState(key: key, nonce: .max - 1)
        var records = RecordLayer(ending)
        var other = RecordLayer(ending)
        let sealed = try records.seal([0x81, 0x0a])
        #expect(try other.open(Array(sealed.dropFirst(2))) == .frame([0x81, 0x0a]))
        let failure = #expect(throws: NetFailure.self) { try records.seal([0x81, 0x0a]) }
        #expect(failure?.code == .nonceExhausted)
        let late = #expect(throws: NetFailure.self) {
            try other.open(Array(sealed.dropFirst(2)))
        }
        #expect(late?.code == .nonceExhausted)
        // A frame of two records, of which the first takes the last counter: nothing leaves.
        var half = RecordLayer(ending)
        #expect(throws: NetFailure.self) {
            try half.seal([UInt8](repeating: 0, count: Limits.maxRecordContent + 1))
        }
    }

    enum Idle: CaseIterable { case ping, unknown, empty }

    @Test(arguments: Idle.allCases)
    func `H-017 a flood of pings, unknown or empty frames`(kind: Idle) throws {
        let bench = try Bench(seed: 1_017)
        func one() throws {
            switch kind {
            case .ping: try bench.record([0x82, 1, 1])
            case .unknown: try bench.record([0x81, 0x18, 0x63])
            case .empty: try bench.record([], flags: 1)
            }
        }
        let calm = try bench.three.spent(for: 950) {
            for _ in 0..<Limits.idleFramesPerSecond { try one() }
        }
        #expect(!bench.isClosed)
        // Length, flags, tag and the frame: one Pong.
        let pong = Limits.recordOverhead + 3
        #expect(calm.answered <= (kind == .ping ? pong : 0))
        bench.three.run(for: .seconds(2))
        let spent = try bench.three.spent(for: .seconds(2)) {
            for _ in 0..<20_000 { try one() }
        }
        #expect(bench.isClosed)
        #expect(bench.three.logged("closed: lowScore") > 0)
        #expect(spent.work.signatureChecks == 0 && spent.writes == 0)
        let bye = Limits.recordOverhead + 2 + 1 + "lowScore".utf8.count
        #expect(spent.answered <= pong + bye)
        try bench.three.expectPeace()
    }
}
