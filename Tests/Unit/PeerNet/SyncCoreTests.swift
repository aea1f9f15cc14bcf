import PeerNet
import PeerState
import PeerTesting
import Testing

/// One core, its neighbours played by hand.
@Suite struct SyncCoreTests {
    static let link = LinkID(1)
    static let home = toyServer(1)

    /// Node 1 with neighbour 2 on link 1.
    static func node(_ events: [ToyEvent] = [], members: [Int] = [1, 2, 3]) -> ToyNode {
        var node = ToyNode(1)
        node.hold(home, members: members, events)
        return node
    }

    static func hello(
        _ heads: [Peer.ID: Head], confirmed: UInt64 = 0, from number: Int = 2
    ) -> SyncMessage {
        .hello(
            home,
            SyncMessage.Hello(
                digest: Frontier.digest(heads: heads), authors: UInt64(heads.count), events: 0,
                incarnation: toyIncarnation(number), foldVersion: 1, confirmed: confirmed))
    }

    static func announcement(
        _ entries: [(Peer.ID, Head)], serial: UInt64 = 1, base: UInt64? = nil, more: Bool = false
    ) -> SyncMessage {
        .headsDelta(
            home,
            SyncMessage.HeadsDelta(
                base: base, serial: serial,
                entries: entries.map {
                    SyncMessage.HeadsDelta.Entry(
                        handle: $0.prefix, seq: $1.seq, prefix: $1.prefix)
                }, hasMore: more))
    }

    static func wants(_ effects: [SyncCore.Effect]) throws -> [(id: UInt64, ranges: [SeqRange])] {
        try toyMessages(effects).compactMap {
            guard case .want(_, let id, let ranges, _) = $0 else { return nil }
            return (id, ranges)
        }
    }

    /// What `node` asks for once a peer has announced full heads of authors nobody knew.
    static func learn(
        _ node: inout ToyNode, _ heads: [(Peer.ID, Head)], from link: LinkID = link,
        at time: UInt64 = 0
    ) throws -> [(id: UInt64, ranges: [SeqRange])] {
        let full = heads.map { SyncMessage.FullHead(author: $0, head: $1) }
        return try wants(node.receive(.headFull(home, full), link, at: time))
    }

    static func head(_ event: ToyEvent) -> Head { Head(seq: event.seq, id: event.id) }

    // Step 1

    @Test func `equal frontiers cost one small Hello each way`() throws {
        let events = toyChain(toyPeer(2), Self.home, 3)
        var node = Self.node(events)
        let opening = try toyMessages(node.handle(toyUp(1, 2)))
        #expect(opening.count == 1)
        #expect(opening[0].bytes.count <= 110)
        let after = node.receive(Self.hello(node.replica.heads(of: Self.home)), Self.link)
        #expect(try toyMessages(after).isEmpty)
        #expect(after.contains(.caughtUp(Self.home, Self.link)))
    }

    @Test func `a Hello of another set is answered by the own heads, not by a second Hello`() throws
    {
        var node = Self.node(toyChain(toyPeer(2), Self.home, 3))
        _ = node.handle(toyUp(1, 2))
        let sent = try toyMessages(node.receive(Self.hello([:]), Self.link))
        guard case .headsDelta(_, let delta) = try #require(sent.first) else {
            Issue.record("no announcement")
            return
        }
        #expect(sent.count == 1)
        #expect(delta.base == nil && !delta.hasMore && delta.entries.count == 1)
    }

    @Test func `a Hello is answered when the own set changed since the last one`() throws {
        var node = Self.node()
        _ = node.handle(toyUp(1, 2))
        let event = toyChain(toyPeer(1), Self.home, 1)[0]
        _ = node.replica.insert(event)
        _ = node.handle(.committed(Self.home, []))
        let sent = try toyMessages(node.receive(Self.hello([:]), Self.link))
        #expect(sent.map(\.type) == [10, 11])
    }

    @Test func `anti-entropy says Hello to one member within 15 to 45 seconds`() throws {
        var node = Self.node()
        let effects = node.handle(toyUp(1, 2))
        var wake: UInt64?
        for case .wake(let at) in effects { wake = at.milliseconds(since: .zero) }
        let due = try #require(wake)
        #expect((15_000...45_000).contains(due))
        #expect(try toyMessages(node.handle(.timer, at: due - 1)).isEmpty)
        #expect(try toyMessages(node.handle(.timer, at: due)).map(\.type) == [10])
    }

    // Steps 2 and 3

    @Test func `300 heads are announced one by one, more are compared by ranges`() throws {
        for count in [300, 301] {
            var node = Self.node()
            for number in 0..<count {
                _ = node.replica.insert(toyChain(toyPeer(10_000 + number), Self.home, 1)[0])
            }
            _ = node.handle(toyUp(1, 2))
            let sent = try toyMessages(node.receive(Self.hello([:]), Self.link))
            #expect(sent.map(\.type) == [count == 300 ? 11 : 14])
        }
    }

    @Test func `an unknown handle is asked for, its author wanted whole`() throws {
        var node = Self.node()
        _ = node.handle(toyUp(1, 2))
        let events = toyChain(toyPeer(9), Self.home, 4)
        let asked = try toyMessages(
            node.receive(Self.announcement([(toyPeer(9), Self.head(events[3]))]), Self.link))
        #expect(asked == [.headAsk(Self.home, handles: [toyPeer(9).prefix])])
        let wants = try Self.learn(&node, [(toyPeer(9), Self.head(events[3]))])
        #expect(wants.map(\.ranges) == [[SeqRange(author: toyPeer(9), from: 1, to: 4)]])
    }

    @Test func `a known author's missing end is wanted, an older head is not`() throws {
        let events = toyChain(toyPeer(9), Self.home, 6)
        var node = Self.node(Array(events.prefix(3)))
        _ = node.handle(toyUp(1, 2))
        let older = try toyMessages(
            node.receive(Self.announcement([(toyPeer(9), Self.head(events[1]))]), Self.link))
        #expect(older.isEmpty)
        let wants = try Self.wants(
            node.receive(
                Self.announcement([(toyPeer(9), Self.head(events[5]))], serial: 2), Self.link))
        #expect(wants.map(\.ranges) == [[SeqRange(author: toyPeer(9), from: 4, to: 6)]])
    }

    @Test func `an equal number with another prefix leads to both branches`() throws {
        let events = toyChain(toyPeer(9), Self.home, 3)
        var node = Self.node(events)
        _ = node.handle(toyUp(1, 2))
        let other = Head(seq: 3, id: Event.ID(toyServer(99)))
        let asked = try toyMessages(
            node.receive(Self.announcement([(toyPeer(9), other)]), Self.link))
        #expect(asked == [.headAsk(Self.home, handles: [toyPeer(9).prefix])])
        let wants = try Self.learn(&node, [(toyPeer(9), other)])
        #expect(wants.map(\.ranges) == [[SeqRange(author: toyPeer(9), from: 1, to: 3)]])
        #expect(try Self.learn(&node, [(toyPeer(9), other)]).isEmpty, "once per head")
    }

    @Test func `HeadAsk is answered by every author with that handle`() throws {
        let events = toyChain(toyPeer(9), Self.home, 2)
        var node = Self.node(events)
        _ = node.handle(toyUp(1, 2))
        let known = try toyMessages(
            node.receive(.headAsk(Self.home, handles: [toyPeer(9).prefix, 5]), Self.link))
        #expect(
            known == [
                .headFull(
                    Self.home,
                    [SyncMessage.FullHead(author: toyPeer(9), head: Self.head(events[1]))])
            ])
        let unknown = try toyMessages(node.receive(.headAsk(Self.home, handles: [5]), Self.link))
        #expect(unknown == [.headFull(Self.home, [])])
    }

    /// H-089.
    @Test func `a base that was never confirmed is answered by a Hello confirming 0`() throws {
        var node = Self.node()
        _ = node.handle(toyUp(1, 2))
        for serial in [UInt64(1), .max] {
            let sent = try toyMessages(
                node.receive(
                    Self.announcement(
                        [(toyPeer(9), Head(seq: 1, id: Event.ID(toyServer(4))))], serial: serial,
                        base: 77), Self.link))
            guard case .hello(_, let hello) = try #require(sent.first) else {
                Issue.record("no Hello")
                continue
            }
            #expect(sent.count == 1 && hello.confirmed == 0)
        }
    }

    @Test func `a Hello confirms the announcement whose every entry is stored`() throws {
        let events = toyChain(toyPeer(9), Self.home, 2)
        var node = Self.node(events)
        _ = node.handle(toyUp(1, 2))
        let heads = [(toyPeer(9), Self.head(events[1]))]
        _ = node.receive(Self.announcement(heads, serial: 41, more: true), Self.link)
        var sent = try toyMessages(node.handle(.serverAdded(Self.home)))
        guard case .hello(_, let open) = try #require(sent.first) else { return }
        #expect(open.confirmed == 0, "more was to follow")
        _ = node.receive(Self.announcement(heads, serial: 41), Self.link)
        sent = try toyMessages(node.handle(.serverAdded(Self.home)))
        guard case .hello(_, let closed) = try #require(sent.first) else { return }
        #expect(closed.confirmed == 41)
        let based = try toyMessages(
            node.receive(Self.announcement([], serial: 42, base: 41), Self.link))
        #expect(based.isEmpty, "a confirmed base is taken")
    }

    /// H-071.
    @Test func `an announcement without end closes the link`() throws {
        var node = Self.node()
        _ = node.handle(toyUp(1, 2))
        var closed = 0
        for frame in 0..<40 {
            let entries = (0..<2_000).map {
                SyncMessage.HeadsDelta.Entry(handle: UInt64(frame * 2_000 + $0), seq: 1, prefix: 0)
            }
            let delta = SyncMessage.HeadsDelta(
                base: nil, serial: 1, entries: entries, hasMore: true)
            let effects = node.receive(.headsDelta(Self.home, delta), Self.link)
            closed += effects.filter { $0 == .close(Self.link, code: "lowScore") }.count
        }
        #expect(closed > 0)
    }

    /// H-070.
    @Test func `heads that nobody has cost wants within their cap, then score`() throws {
        var node = Self.node()
        _ = node.handle(toyUp(1, 2))
        let absurd = (0..<500).map {
            (toyPeer(100 + $0), Head(seq: Limits.maxSeq, id: Event.ID(toyServer($0))))
        }
        var wants = try Self.learn(&node, absurd)
        #expect(wants.map(\.ranges.count) == [256, 244])
        var effects: [SyncCore.Effect] = []
        for want in wants {
            effects += node.receive(
                .preSync(Self.home, id: want.id, events: 0, bytes: 0), Self.link)
            effects += node.receive(.events(Self.home, id: want.id, [], isLast: true), Self.link)
        }
        #expect(effects.filter { $0 == .unmet(Self.link, Self.home) }.count == 2)
        wants = try Self.wants(effects)
        #expect(wants.isEmpty, "not asked for again until it is announced again")
    }

    // Strangers and former members

    static var everyFrame: [SyncMessage] {
        SyncMessageTests.samples.filter {
            switch $0 {
            case .joinAsk, .joinAnswer, .offer, .reject, .credit: false
            default: true
            }
        }
    }

    /// H-084, S-093.
    @Test func `S-093 a stranger gets the same bytes whether the server is here or not`() throws {
        for message in Self.everyFrame {
            var knowing = Self.node(toyChain(toyPeer(1), Self.home, 3), members: [1])
            var ignorant = ToyNode(1)
            var answers: [[SyncCore.Effect]] = []
            for index in 0..<2 {
                if index == 0 {
                    _ = knowing.handle(toyUp(1, 2))
                    answers.append(knowing.receive(message, Self.link))
                } else {
                    _ = ignorant.handle(toyUp(1, 2))
                    answers.append(ignorant.receive(message, Self.link))
                }
            }
            #expect(answers[0] == answers[1])
            let sent = try toyMessages(answers[0])
            guard sent.count == 1, case .reject(let reject) = sent[0] else {
                Issue.record("\(message) was not refused")
                continue
            }
            #expect(reject.code == "notMember" && reject.about == message.type)
            #expect(answers[0].count == 1, "nothing but the refusal")
        }
    }

    @Test func `S-094 a former member gets its lowerings once and is asked for its own chain`()
        throws
    {
        let own = toyChain(toyPeer(2), Self.home, 2)
        var node = Self.node(own)
        node.replica.held[Self.home]?.standings[toyPeer(2)] = .former
        node.replica.held[Self.home]?.lowerings = [[1, 2], [3]]
        #expect(try toyMessages(node.handle(toyUp(1, 2))).isEmpty)
        let first = try toyMessages(node.receive(Self.hello([:]), Self.link))
        #expect(first.first == .events(Self.home, id: 0, [[1, 2], [3]], isLast: true))
        guard first.count == 2, case .want(_, let id, let ranges, _) = first[1] else {
            Issue.record("no want")
            return
        }
        #expect(ranges == [SeqRange(author: toyPeer(2), from: 3, to: Limits.maxSeq)])
        let again = try toyMessages(node.receive(Self.hello([:]), Self.link))
        #expect(again.map(\.type) == [23])

        let mine = toyChain(toyPeer(2), Self.home, 3)[2]
        let foreign = toyChain(toyPeer(3), Self.home, 1)[0]
        let size = mine.envelope.count + foreign.envelope.count
        _ = node.receive(
            .preSync(Self.home, id: id, events: 2, bytes: UInt64(size)), Self.link)
        let taken = node.receive(
            .events(Self.home, id: id, [foreign.envelope, mine.envelope], isLast: true), Self.link)
        #expect(taken.contains(.deliver(Self.home, [mine.envelope], from: Self.link, wantID: id)))
        let pushed = node.receive(.push(Self.home, round: 0, foreign.envelope), Self.link)
        #expect(try toyMessages(pushed).map(\.type) == [23])
        let late = toyChain(toyPeer(2), Self.home, 4)[3]
        let own4 = node.receive(.push(Self.home, round: 0, late.envelope), Self.link)
        #expect(own4.contains(.deliver(Self.home, [late.envelope], from: Self.link, wantID: nil)))
    }

    @Test func `unasked events are taken as own lowerings, sixteen at most and once`() {
        var node = Self.node()
        _ = node.handle(toyUp(1, 2))
        let taken = node.receive(.events(Self.home, id: 0, [[1], [2]], isLast: true), Self.link)
        #expect(taken.contains(.lowered(Self.home, [[1], [2]], from: Self.link)))
        let again = node.receive(.events(Self.home, id: 0, [[3]], isLast: true), Self.link)
        #expect(!again.contains(.lowered(Self.home, [[3]], from: Self.link)))
        var other = Self.node()
        _ = other.handle(toyUp(1, 2))
        let many = Array(repeating: [UInt8](), count: 17)
        let refused = other.receive(.events(Self.home, id: 0, many, isLast: true), Self.link)
        #expect(refused.contains(.badFrame(Self.link, type: 17, server: Self.home)))
    }

    @Test func `a frame that does not read is refused by its type and counted`() throws {
        var node = Self.node()
        _ = node.handle(toyUp(1, 2))
        let effects = node.handle(.frame(Self.link, [0x81, 0x0a]))
        #expect(effects.contains(.badFrame(Self.link, type: 10, server: nil)))
        let reject = SyncMessage.Reject(server: nil, about: 10, code: "badFrame")
        #expect(try toyMessages(effects) == [.reject(reject)])
        let malformedReject = node.handle(.frame(Self.link, [0x81, 0x17]))
        #expect(try toyMessages(malformedReject).isEmpty, "a Reject is never answered")
        #expect(node.handle(.frame(Self.link, [0x82, 0x18, 0x63, 0x00])).isEmpty)
        #expect(node.core.unsupportedFrames == 1)
        #expect(node.handle(.frame(LinkID(44), [0x81, 0x0a])).isEmpty, "a link that is gone")
    }

    @Test func `StateAsk is answered with frontier and state hash`() throws {
        var node = Self.node(toyChain(toyPeer(2), Self.home, 3))
        _ = node.handle(toyUp(1, 2))
        let sent = try toyMessages(
            node.receive(.stateAsk(Self.home, nonce: 5, wantSections: true), Self.link))
        let tell = SyncMessage.StateTell(
            nonce: 5, digest: Frontier.digest(heads: node.replica.heads(of: Self.home)), events: 3,
            stateHash: node.replica.stateHash(of: Self.home), sections: nil)
        #expect(sent == [.stateTell(Self.home, tell)])
    }

    @Test func `a HeadAsk without answer is given up after five seconds`() throws {
        var node = Self.node()
        _ = node.handle(toyUp(1, 2))
        let head = Head(seq: 4, id: Event.ID(toyServer(4)))
        _ = node.receive(Self.announcement([(toyPeer(9), head)]), Self.link)
        #expect(!node.handle(.timer, at: 4_999).contains(.caughtUp(Self.home, Self.link)))
        _ = node.handle(.timer, at: 5_000)
        let again = try toyMessages(
            node.receive(Self.announcement([(toyPeer(9), head)], serial: 2), Self.link, at: 5_001))
        #expect(again.map(\.type) == [12])
    }

    @Test func `a dropped server leaves nothing behind and its peers are strangers`() throws {
        let events = toyChain(toyPeer(9), Self.home, 4)
        var node = Self.node()
        _ = node.handle(toyUp(1, 2))
        let want = try #require(
            try Self.learn(&node, [(toyPeer(9), Self.head(events[3]))]).first)
        node.replica.held[Self.home] = nil
        #expect(try toyMessages(node.handle(.serverDropped(Self.home))).isEmpty)
        let late = try toyMessages(
            node.receive(.events(Self.home, id: want.id, [], isLast: true), Self.link))
        #expect(late.map(\.type) == [23])
        #expect(try toyMessages(node.handle(.timer, at: 60_000)).isEmpty)
    }

    /// Anything at all, in any order, from members, former members and strangers: nothing traps.
    @Test func `no sequence of frames breaks the core`() throws {
        let samples = SyncMessageTests.samples
        for number in 0..<30 {
            let seed = Seed(UInt64(number))
            var random = seed.stream("frames")
            var node = Self.node(toyChain(toyPeer(2), Self.home, 3), members: [1, 2, 3])
            node.replica.held[toyServer(1)]?.standings[toyPeer(4)] = .former
            for link in 1...5 { _ = node.handle(toyUp(UInt64(link), link)) }
            var time: UInt64 = 0
            for _ in 0..<400 {
                time += random.next() % 2_000
                var bytes = samples[Int(random.next() % UInt64(samples.count))].bytes
                if random.next() % 3 == 0 {
                    bytes[Int(random.next() % UInt64(bytes.count))] = UInt8(random.next() % 256)
                }
                let link = LinkID(1 + random.next() % 5)
                var effects = node.handle(.frame(link, bytes), at: time)
                while !effects.isEmpty {
                    let next = effects.removeFirst()
                    if case .read(let request) = next {
                        let page = node.replica.page(request)
                        effects += node.handle(.loaded(request.id, page), at: time)
                    }
                }
                if random.next() % 10 == 0 { _ = node.handle(.timer, at: time) }
            }
        }
        print("sync: hostile frames, seeds 0…29")
    }
}
