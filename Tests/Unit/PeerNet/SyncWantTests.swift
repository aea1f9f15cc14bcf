import PeerNet
import PeerState
import PeerTesting
import Testing

/// Credit, stalls and paging, on both sides of a want.
@Suite struct SyncWantTests {
    static let home = SyncCoreTests.home
    static let link = SyncCoreTests.link

    /// A node with `events` that was asked for all of them by peer 2, and the read that follows.
    static func serving(
        _ events: [ToyEvent], id: UInt64 = 1
    ) throws -> (ToyNode, SyncCore.ReadRequest) {
        var node = SyncCoreTests.node(events)
        _ = node.handle(toyUp(1, 2))
        let range = SeqRange(author: toyPeer(2), from: 1, to: Limits.maxSeq)
        let effects = node.receive(
            .want(home, id: id, [range], credit: UInt64(Limits.creditWindow)), link)
        return (node, try #require(reads(effects).first))
    }

    static func reads(_ effects: [SyncCore.Effect]) -> [SyncCore.ReadRequest] {
        effects.compactMap {
            if case .read(let request) = $0 { request } else { nil }
        }
    }

    /// Answers reads until none follows; returns what was sent.
    static func run(
        _ node: inout ToyNode, _ first: SyncCore.ReadRequest?
    ) throws -> [SyncMessage] {
        var sent: [SyncMessage] = []
        var next = first
        while let request = next {
            let effects = node.handle(.loaded(request.id, node.replica.page(request)))
            sent += try toyMessages(effects)
            next = reads(effects).first
        }
        return sent
    }

    static func bytes(_ messages: [SyncMessage]) -> Int {
        messages.reduce(0) { sum, message in
            guard case .events(_, _, let envelopes, _) = message else { return sum }
            return sum + envelopes.reduce(0) { $0 + $1.count }
        }
    }

    // Asking

    /// S-212: events of two Wants would wait for one another, and a cut would lose both.
    @Test func `what is known is asked for together with what was unclear, in one order`() throws {
        typealias Core = SyncCoreTests
        for isAnswered in [true, false] {
            let known = toyChain(toyPeer(3), Self.home, 5)
            let fresh = toyChain(toyPeer(4), Self.home, 3)
            var node = Core.node(Array(known.prefix(2)))
            _ = node.handle(toyUp(1, 2))
            let both = [(toyPeer(3), Core.head(known[4])), (toyPeer(4), Core.head(fresh[2]))]
            let asked = try toyMessages(node.receive(Core.announcement(both), Self.link))
            #expect(asked == [.headAsk(Self.home, handles: [toyPeer(4).prefix])])
            let first = SeqRange(author: toyPeer(3), from: 3, to: 5)
            let second = SeqRange(author: toyPeer(4), from: 1, to: 3)
            if isAnswered {
                let wants = try Core.learn(&node, [(toyPeer(4), Core.head(fresh[2]))])
                #expect(wants.map { Set($0.ranges) } == [[first, second]])
            } else {
                let late = node.handle(.timer, at: Limits.replyTimeout.count + 1)
                #expect(try Core.wants(late).map { $0.ranges } == [[first]])
            }
        }
    }

    // Serving

    @Test func `a want is served with totals first, in order, and ends once`() throws {
        let events = toyChain(toyPeer(2), Self.home, 600)
        var (node, request) = try Self.serving(events)
        let sent = try Self.run(&node, request)
        let size = events.reduce(0) { $0 + $1.envelope.count }
        #expect(sent.first == .preSync(Self.home, id: 1, events: 600, bytes: UInt64(size)))
        var served: [[UInt8]] = []
        var lasts = 0
        for case .events(_, 1, let envelopes, let isLast) in sent {
            #expect(envelopes.count <= Limits.eventsPerFrame)
            served += envelopes
            lasts += isLast ? 1 : 0
        }
        #expect(served == events.map(\.envelope))
        #expect(lasts == 1)
    }

    /// H-075 and H-076.
    @Test func `never more than a megabyte leaves without credit, however much is given`() throws {
        let events = toyChain(toyPeer(2), Self.home, 60, size: 60_000)
        var (node, request) = try Self.serving(events)
        let first = try Self.run(&node, request)
        let sent = Self.bytes(first)
        #expect(sent <= Limits.creditWindow)
        #expect(sent > Limits.creditWindow - 2 * Limits.maxEnvelope)
        #expect(first.allSatisfy { $0.bytes.count <= Limits.maxFrame })
        let effects = node.receive(.credit(id: 1, bytes: .max), Self.link)
        let more = try Self.run(&node, Self.reads(effects).first)
        #expect(Self.bytes(more) <= Limits.creditWindow)
        #expect(Self.bytes(more) > 0)
        // Credit for no want of events may be for one of files.
        #expect(
            node.receive(.credit(id: 9, bytes: 5), Self.link)
                == [.unhandled(Self.link, .credit(id: 9, bytes: 5))])
    }

    @Test func `an empty or unknown range is answered by nothing, properly`() throws {
        var node = SyncCoreTests.node()
        _ = node.handle(toyUp(1, 2))
        let window = UInt64(Limits.creditWindow)
        let empty = try toyMessages(
            node.receive(.want(Self.home, id: 1, [], credit: window), Self.link))
        #expect(
            empty == [
                .preSync(Self.home, id: 1, events: 0, bytes: 0),
                .events(Self.home, id: 1, [], isLast: true),
            ])
        let range = SeqRange(author: toyPeer(77), from: 1, to: 5)
        let effects = node.receive(.want(Self.home, id: 2, [range], credit: window), Self.link)
        let unknown = try Self.run(&node, Self.reads(effects).first)
        #expect(
            unknown == [
                .preSync(Self.home, id: 2, events: 0, bytes: 0),
                .events(Self.home, id: 2, [], isLast: true),
            ])
    }

    @Test func `the ninth open want and the twenty-first in ten seconds are over quota`() throws {
        var node = SyncCoreTests.node(toyChain(toyPeer(2), Self.home, 2))
        _ = node.handle(toyUp(1, 2))
        let range = SeqRange(author: toyPeer(2), from: 1, to: 2)
        let window = UInt64(Limits.creditWindow)
        var refused: [UInt64] = []
        for id in UInt64(1)...9 {
            let sent = try toyMessages(
                node.receive(.want(Self.home, id: id, [range], credit: window), Self.link))
            for case .reject(let reject) in sent {
                #expect(reject.code == "overQuota" && reject.about == 15)
                refused.append(try #require(reject.reference))
            }
        }
        #expect(refused == [9])
        refused = []
        for id in UInt64(10)...40 {
            let sent = try toyMessages(
                node.receive(.want(Self.home, id: id, [], credit: window), Self.link))
            for case .reject(let reject) in sent { refused.append(reject.reference ?? 0) }
        }
        #expect(refused.count == 31, "all places are taken")
    }

    @Test func `a member that is removed while served gets no more`() throws {
        var (node, request) = try Self.serving(toyChain(toyPeer(2), Self.home, 5))
        node.replica.held[Self.home]?.standings[toyPeer(2)] = .former
        let sent = try toyMessages(node.handle(.loaded(request.id, node.replica.page(request))))
        #expect(sent.map(\.type) == [23])
        #expect(node.handle(.loaded(request.id, node.replica.page(request))).isEmpty)
    }

    @Test func `PreSync is never exceeded though the chain grows meanwhile`() throws {
        let events = toyChain(toyPeer(2), Self.home, 40, size: 40_000)
        var (node, request) = try Self.serving(Array(events.prefix(30)))
        var effects = node.handle(.loaded(request.id, node.replica.page(request)))
        var sent = try toyMessages(effects)
        for event in events.dropFirst(30) { _ = node.replica.insert(event) }
        sent += try Self.run(&node, Self.reads(effects).first)
        effects = node.receive(.credit(id: 1, bytes: .max), Self.link)
        sent += try Self.run(&node, Self.reads(effects).first)
        var count = 0
        for case .events(_, _, let envelopes, _) in sent { count += envelopes.count }
        #expect(count == 30)
        guard case .events(_, _, _, let isLast) = try #require(sent.last) else { return }
        #expect(isLast)
    }

    // Asking

    /// A node that wants ten large events of peer 9, and the id of its want.
    static func wanting(_ events: [ToyEvent]) throws -> (ToyNode, UInt64) {
        var node = SyncCoreTests.node()
        _ = node.handle(toyUp(1, 2))
        let head = SyncCoreTests.head(try #require(events.last))
        let wants = try SyncCoreTests.learn(&node, [(toyPeer(9), head)])
        return (node, try #require(wants.first).id)
    }

    static func promise(
        _ node: inout ToyNode, _ id: UInt64, _ events: [ToyEvent]
    ) -> [SyncCore.Effect] {
        let size = events.reduce(0) { $0 + $1.envelope.count }
        return node.receive(
            .preSync(home, id: id, events: UInt64(events.count), bytes: UInt64(size)), link)
    }

    @Test func `a sender past its credit is closed`() throws {
        let events = toyChain(toyPeer(9), Self.home, 20, size: 60_000)
        var (node, id) = try Self.wanting(events)
        _ = Self.promise(&node, id, events)
        var closed: [Int] = []
        for (index, event) in events.enumerated() {
            let effects = node.receive(
                .events(Self.home, id: id, [event.envelope], isLast: false), Self.link)
            if effects.contains(.close(Self.link, code: "overCredit")) { closed.append(index) }
        }
        #expect(closed.first == Limits.creditWindow / events[0].envelope.count)
    }

    @Test func `credit is returned as the node consumes, in large steps`() throws {
        let events = toyChain(toyPeer(9), Self.home, 40, size: 60_000)
        var (node, id) = try Self.wanting(events)
        _ = Self.promise(&node, id, events)
        var outstanding = 0
        var frames = 0
        for event in events {
            let size = event.envelope.count
            let effects = node.receive(
                .events(Self.home, id: id, [event.envelope], isLast: false), Self.link)
            #expect(!effects.contains(.close(Self.link, code: "overCredit")))
            outstanding += size
            #expect(outstanding <= Limits.creditWindow)
            for case .credit(id, let bytes) in try toyMessages(
                node.handle(.consumed(Self.link, wantID: id, bytes: size)))
            {
                outstanding -= Int(bytes)
                frames += 1
            }
        }
        #expect((5...12).contains(frames))
        let unearned = node.handle(.consumed(Self.link, wantID: id, bytes: 1 << 40))
        #expect(try toyMessages(unearned).isEmpty, "only what was delivered counts")
    }

    @Test func `events that were not promised, or before the promise, are bad frames`() throws {
        let events = toyChain(toyPeer(9), Self.home, 4)
        var (early, id) = try Self.wanting(events)
        let before = early.receive(
            .events(Self.home, id: id, [events[0].envelope], isLast: false), Self.link)
        #expect(before.contains(.badFrame(Self.link, type: 17, server: Self.home)))

        var (node, id2) = try Self.wanting(events)
        _ = Self.promise(&node, id2, Array(events.prefix(2)))
        let many = node.receive(
            .events(Self.home, id: id2, events.map(\.envelope), isLast: true), Self.link)
        #expect(many.contains(.badFrame(Self.link, type: 17, server: Self.home)))
        #expect(!many.contains { if case .deliver = $0 { true } else { false } })
        let unknown = node.receive(.events(Self.home, id: 999, [], isLast: true), Self.link)
        #expect(unknown.isEmpty)
    }

    @Test func `S-224 one range is wanted from one peer, and elsewhere after 15 silent seconds`()
        throws
    {
        let events = toyChain(toyPeer(9), Self.home, 5)
        let head = (toyPeer(9), SyncCoreTests.head(events[4]))
        var node = SyncCoreTests.node()
        _ = node.handle(toyUp(1, 2))
        _ = node.handle(toyUp(2, 3))
        #expect(try SyncCoreTests.learn(&node, [head], from: LinkID(1)).count == 1)
        #expect(try SyncCoreTests.learn(&node, [head], from: LinkID(2)).isEmpty)
        #expect(try SyncCoreTests.wants(node.handle(.timer, at: 14_999)).isEmpty)
        let effects = node.handle(.timer, at: 15_000)
        #expect(effects.contains(.unmet(LinkID(1), Self.home)))
        var elsewhere: [LinkID] = []
        for case .send(let link, let bytes) in effects {
            if case .want = try SyncMessage(decoding: bytes) { elsewhere.append(link) }
        }
        #expect(elsewhere == [LinkID(2)])
    }

    @Test func `S-224 a link that ends gives its ranges to another`() throws {
        let events = toyChain(toyPeer(9), Self.home, 5)
        let head = (toyPeer(9), SyncCoreTests.head(events[4]))
        var node = SyncCoreTests.node()
        _ = node.handle(toyUp(1, 2))
        _ = node.handle(toyUp(2, 3))
        _ = try SyncCoreTests.learn(&node, [head], from: LinkID(1))
        _ = try SyncCoreTests.learn(&node, [head], from: LinkID(2))
        #expect(try SyncCoreTests.wants(node.handle(.linkDown(LinkID(1)))).count == 1)
    }

    @Test func `a want refused as over quota is asked again ten seconds later`() throws {
        let events = toyChain(toyPeer(9), Self.home, 5)
        var (node, id) = try Self.wanting(events)
        let reject = SyncMessage.Reject(
            server: Self.home, about: 15, reference: id, code: "overQuota")
        #expect(try toyMessages(node.receive(.reject(reject), Self.link)).isEmpty)
        #expect(try SyncCoreTests.wants(node.handle(.timer, at: 9_999)).isEmpty)
        #expect(try SyncCoreTests.wants(node.handle(.timer, at: 10_000)).count == 1)
    }

    @Test func `wants leave room for those of files, and twenty leave in ten seconds`() throws {
        var node = SyncCoreTests.node()
        _ = node.handle(toyUp(1, 2))
        var open: [UInt64] = []
        for batch in 0..<20 {
            let heads = (0..<500).map {
                (toyPeer(1_000 + batch * 500 + $0), Head(seq: 1, id: Event.ID(toyServer($0))))
            }
            open += try SyncCoreTests.learn(&node, heads).map(\.id)
        }
        #expect(open.count == Limits.wantsPerLink - Limits.blobFetchesPerLink)
        var total = try Self.giveNothing(&node, open, at: 1)
        #expect(total == Limits.wantsAtOnce)
        for time in stride(from: UInt64(100), to: 10_000, by: 100) {
            let later = try SyncCoreTests.wants(node.handle(.timer, at: time)).map(\.id)
            #expect(later.count <= 1, "the others are spaced")
            total += try Self.giveNothing(&node, later, at: time)
        }
        #expect((18...Limits.wantsPerPeriod).contains(total))
        #expect(try !SyncCoreTests.wants(node.handle(.timer, at: 10_502)).isEmpty)
    }

    /// Answers wants, and those that follow at once, with nothing; returns how many there were.
    private static func giveNothing(
        _ node: inout ToyNode, _ ids: [UInt64], at time: UInt64
    ) throws -> Int {
        var open = ids
        var count = 0
        while let id = open.first {
            open.removeFirst()
            count += 1
            _ = node.receive(.preSync(home, id: id, events: 0, bytes: 0), link, at: time)
            open += try SyncCoreTests.wants(
                node.receive(.events(home, id: id, [], isLast: true), link, at: time)
            ).map(\.id)
        }
        return count
    }

    @Test func `a refused event is not asked for again from the same peer`() throws {
        let events = toyChain(toyPeer(9), Self.home, 3)
        var (node, id) = try Self.wanting(events)
        _ = Self.promise(&node, id, events)
        _ = node.receive(
            .events(Self.home, id: id, events.map(\.envelope), isLast: true), Self.link)
        _ = node.handle(
            .refused(Self.home, author: toyPeer(9), seq: 1, id: events[0].id, from: Self.link))
        let size = events.reduce(0) { $0 + $1.envelope.count }
        let settled = node.handle(.consumed(Self.link, wantID: id, bytes: size))
        #expect(!settled.contains(.unmet(Self.link, Self.home)))
        #expect(settled.contains(.caughtUp(Self.home, Self.link)))
        #expect(
            try SyncCoreTests.learn(&node, [(toyPeer(9), SyncCoreTests.head(events[2]))]).isEmpty)
    }
}
