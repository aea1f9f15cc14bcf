import PeerNet
import PeerState
import PeerTesting
import Testing

/// What is taken of messages that nobody stores, on virtual time (PROTOCOL 11).
@Suite struct EphemeralCoreTests {
    static let server = toyServer(1)
    static let me = SigningKey(seed: [UInt8](repeating: 1, count: 32)).publicKey
    static let ann = SigningKey(seed: [UInt8](repeating: 2, count: 32))
    static let ben = SigningKey(seed: [UInt8](repeating: 3, count: 32))
    static let epoch = Epoch.ID(toyServer(7))
    static let channel = Channel.ID(toyServer(8))
    static let link = LinkID(4)

    /// Ann and Ben are members and read the one channel.
    struct Context: EphemeralContext {
        var members: Set<Peer.ID> = [
            EphemeralCoreTests.ann.publicKey, EphemeralCoreTests.ben.publicKey,
        ]
        var readers: Set<Peer.ID> = [
            EphemeralCoreTests.ann.publicKey, EphemeralCoreTests.ben.publicKey,
        ]

        func isActive(_ peer: Peer.ID, in server: Server.ID) -> Bool { members.contains(peer) }

        func channel(of epoch: Epoch.ID, in server: Server.ID) -> Channel.ID? {
            epoch == EphemeralCoreTests.epoch ? EphemeralCoreTests.channel : nil
        }

        func isReader(_ peer: Peer.ID, of channel: Channel.ID, in server: Server.ID) -> Bool {
            readers.contains(peer)
        }
    }

    static func at(_ milliseconds: UInt64) -> Moment {
        Moment(
            monotonic: Instant.zero + Milliseconds(milliseconds),
            wallMilliseconds: 1_000_000 + milliseconds)
    }

    static func frame(
        _ topic: EphemeralTopic, _ counter: UInt64, at milliseconds: UInt64 = 0,
        by key: SigningKey = ann, epoch: Epoch.ID = epoch, bytes: Int = 40
    ) -> EphemeralFrame {
        EphemeralFrame(
            server: server, topic: topic, counter: counter,
            sentMilliseconds: at(milliseconds).wallMilliseconds,
            sealing: topic.isSealed
                ? .init(epoch: epoch, nonce: [UInt8](repeating: 5, count: 24)) : nil,
            payload: [UInt8](repeating: 6, count: bytes), by: key)
    }

    /// What becomes of one frame: nil when it was taken.
    static func drop(
        _ core: inout EphemeralCore, _ frame: EphemeralFrame, at milliseconds: UInt64 = 0,
        from link: LinkID = link, context: Context = Context()
    ) -> EphemeralDrop? {
        let before = core.dropped
        let effects = core.handle(
            .received(frame, from: link), context: context, now: at(milliseconds))
        let drops = EphemeralDrop.allCases.filter { core.dropped[$0] != before[$0] }
        #expect(drops.count <= 1)
        #expect(drops.isEmpty != effects.filter { $0 != .invalid(link) }.isEmpty)
        return drops.first
    }

    @Test func `a sealed message is shown and passed on once`() {
        var core = EphemeralCore(me: Self.me)
        let frame = Self.frame(.presence, 10)
        let effects = core.handle(
            .received(frame, from: Self.link), context: Context(), now: Self.at(0))
        #expect(
            effects == [.spread(frame, from: Self.link), .deliver(frame, in: Self.channel)])
        #expect(Self.drop(&core, frame, from: LinkID(9)) == .duplicate)
        #expect(core.taken == 1 && core.forwarded == 1)
    }

    @Test func `what a peer holds is for neighbours alone`() {
        var core = EphemeralCore(me: Self.me)
        let frame = Self.frame(.holdings, 10)
        let effects = core.handle(
            .received(frame, from: Self.link), context: Context(), now: Self.at(0))
        #expect(effects == [.deliver(frame, in: nil)])
        #expect(core.forwarded == 0)
    }

    @Test func `counters only grow, and begin anew after a long silence`() {
        var core = EphemeralCore(me: Self.me)
        #expect(Self.drop(&core, Self.frame(.signal, 10)) == nil)
        #expect(Self.drop(&core, Self.frame(.signal, 9)) == .stale)
        #expect(Self.drop(&core, Self.frame(.signal, 10)) == .duplicate)
        #expect(Self.drop(&core, Self.frame(.signal, 11)) == nil)
        let later = Self.frame(.signal, 2, at: 119_000)
        #expect(Self.drop(&core, later, at: 119_000) == .stale)
        let muchLater = Self.frame(.signal, 3, at: 240_000)
        #expect(Self.drop(&core, muchLater, at: 240_000) == nil)
    }

    @Test func `age and clock decide how long it counts`() {
        var core = EphemeralCore(me: Self.me)
        #expect(Self.drop(&core, Self.frame(.typing, 1), at: 6_000) == .expired)
        #expect(Self.drop(&core, Self.frame(.presence, 2), at: 60_001) == .clock)
        #expect(Self.drop(&core, Self.frame(.presence, 3, at: 60_001), at: 0) == .clock)
        let fromTheFuture = Self.frame(.presence, 4, at: 50_000)
        #expect(Self.drop(&core, fromTheFuture) == nil)
        #expect(EphemeralCore.end(of: fromTheFuture, at: Self.at(0)) == Self.at(30_000).monotonic)
        let old = Self.frame(.presence, 5)
        #expect(EphemeralCore.end(of: old, at: Self.at(10_000)) == Self.at(30_000).monotonic)
        var greedy = Self.frame(.typing, 6)
        greedy.ttlMilliseconds = 30_000
        #expect(EphemeralCore.end(of: greedy, at: Self.at(0)) == Self.at(6_000).monotonic)
    }

    @Test func `who is no member or reader is not heard`() {
        var core = EphemeralCore(me: Self.me)
        var context = Context()
        context.readers = []
        #expect(Self.drop(&core, Self.frame(.typing, 1), context: context) == .notReader)
        #expect(Self.drop(&core, Self.frame(.voice, 1), context: context) == .notReader)
        #expect(Self.drop(&core, Self.frame(.presence, 1), context: context) == nil)
        context.members = []
        #expect(Self.drop(&core, Self.frame(.presence, 2), context: context) == .notMember)
        let other = Self.frame(.presence, 3, epoch: Epoch.ID(toyServer(9)))
        #expect(Self.drop(&core, other) == .unknownEpoch)
        #expect(
            Self.drop(
                &core,
                Self.frame(.presence, 4, by: SigningKey(seed: [UInt8](repeating: 1, count: 32))))
                == .own)
    }

    @Test func `shapes that no topic has are refused`() {
        var core = EphemeralCore(me: Self.me)
        var frame = Self.frame(.presence, 1)
        frame.epoch = nil
        #expect(Self.drop(&core, frame) == .badShape)
        frame = Self.frame(.holdings, 1)
        frame.epoch = Self.epoch
        #expect(Self.drop(&core, frame) == .badShape)
        frame.topic = 7
        #expect(Self.drop(&core, frame) == .unknownTopic)
    }

    /// A forger must not silence, nor use up the rate of, the one whose name he takes.
    @Test func `a forged message blames the link and costs its author nothing`() {
        var core = EphemeralCore(me: Self.me)
        for counter in 100..<200 as Range<UInt64> {
            var forged = Self.frame(.presence, counter, by: Self.ben)
            forged.author = Self.ann.publicKey
            let effects = core.handle(
                .received(forged, from: Self.link), context: Context(), now: Self.at(0))
            #expect(effects == [.invalid(Self.link)])
        }
        #expect(core.dropped[.badSignature] == 100)
        #expect(Self.drop(&core, Self.frame(.presence, 1)) == nil)
    }

    @Test(arguments: EphemeralTopic.allCases)
    func `an author who says too much is cut to the rate`(topic: EphemeralTopic) {
        var core = EphemeralCore(me: Self.me)
        var taken = 0
        // 100 s of ten messages a second.
        for tick in 0..<1_000 as Range<UInt64> {
            let frame = Self.frame(topic, 1 + tick, at: tick * 100)
            if Self.drop(&core, frame, at: tick * 100) == nil { taken += 1 }
        }
        let perHundredSeconds: [EphemeralTopic: Int] = [
            .typing: 50, .presence: 20, .voice: 200, .signal: 1_000, .delta: 1_000, .holdings: 10,
        ]
        #expect(taken == perHundredSeconds[topic])
        #expect(core.dropped[.authorRate] ?? 0 == UInt64(1_000 - taken))
        let other = Self.frame(topic, 5, at: 99_900, by: Self.ben)
        #expect(Self.drop(&core, other, at: 99_900) == nil, "others are heard")
    }

    @Test func `partial text is bounded in bytes too`() {
        var core = EphemeralCore(me: Self.me)
        var taken = 0
        for tick in 0..<100 as Range<UInt64> {
            let frame = Self.frame(.delta, 1 + tick, at: tick * 100, bytes: 2_048)
            if Self.drop(&core, frame, at: tick * 100) == nil { taken += 2_048 }
        }
        // 8 KiB/s for 10 s and the burst of two seconds.
        #expect(taken <= 8_192 * 12 && taken > 8_192 * 10)
    }

    @Test func `a link that floods is not read beyond its budget`() {
        var core = EphemeralCore(me: Self.me)
        var forged = Self.frame(.presence, 1, by: Self.ben)
        forged.author = Self.ann.publicKey
        for _ in 0..<10_000 {
            _ = core.handle(.received(forged, from: Self.link), context: Context(), now: Self.at(0))
        }
        #expect(core.dropped[.badSignature] == Limits.ephemeralLinkBurst)
        #expect(core.dropped[.linkRate] == 10_000 - Limits.ephemeralLinkBurst)
        #expect(Self.drop(&core, Self.frame(.presence, 2), from: LinkID(8)) == nil)
        _ = core.handle(.linkDown(Self.link), context: Context(), now: Self.at(0))
        #expect(Self.drop(&core, Self.frame(.signal, 3)) == nil, "another life of the link")
    }

    @Test func `of many authors the longest silent is forgotten first`() {
        var core = EphemeralCore(me: Self.me)
        var context = Context()
        let keys = (10..<90 as Range<UInt8>).map {
            SigningKey(seed: [UInt8](repeating: $0, count: 32))
        }
        context.members.formUnion(keys.map(\.publicKey))
        for (index, key) in keys.enumerated() {
            let now = UInt64(index)
            let frame = Self.frame(.presence, 1, at: now, by: key)
            #expect(Self.drop(&core, frame, at: now, context: context) == nil)
        }
        let last = Self.frame(.presence, 1, at: 79, by: keys[79])
        #expect(Self.drop(&core, last, at: 80, context: context) == .duplicate)
        let first = Self.frame(.presence, 1, at: 0, by: keys[0])
        // Forgotten: what it said once may be said again as long as it counts, within its rate.
        #expect(Self.drop(&core, first, at: 80, context: context) == nil)
    }
}
