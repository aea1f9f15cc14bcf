import PeerNet
import PeerState
import PeerTesting
import Testing

@Suite struct SyncOfferTests {
    static let link = SyncCoreTests.link
    static let foreign = toyServer(50)

    static func id(_ number: Int) -> Event.ID { Event.ID(toyServer(number)) }

    /// Node 1, a stranger to server 50, to whom bytes [n] mean the n-th event given.
    static func node(_ events: [OfferedEvent]) -> ToyNode {
        var node = ToyNode(1)
        for (index, event) in events.enumerated() { node.replica.offered[[UInt8(index)]] = event }
        _ = node.handle(toyUp(1, 2))
        return node
    }

    static let create = OfferedEvent(id: Event.ID(foreign), proof: nil, names: [])
    static let grant = OfferedEvent(id: id(60), proof: id(61), names: [toyPeer(1)])
    static let proof = OfferedEvent(id: id(61), proof: nil, names: [toyPeer(9)])

    static func offer(_ count: Int) -> SyncMessage {
        .offer(foreign, (0..<count).map { [UInt8($0)] })
    }

    static let shown = SyncCore.Effect.offered(foreign, [[0], [1], [2]], from: toyPeer(2))

    @Test func `an offer that checks is shown once and answered by nothing`() {
        var node = Self.node([Self.create, Self.grant, Self.proof])
        #expect(node.receive(Self.offer(3), Self.link) == [Self.shown])
        #expect(node.receive(Self.offer(3), Self.link).isEmpty)
        #expect(node.handle(.offerClosed(Self.foreign, from: toyPeer(2))).isEmpty)
        #expect(node.receive(Self.offer(3), Self.link).isEmpty, "a closed one is not shown again")
    }

    @Test func `a direct server is offered by its create event alone`() {
        let direct = OfferedEvent(
            id: Event.ID(Self.foreign), proof: nil, names: [toyPeer(2), toyPeer(1)])
        var node = Self.node([direct])
        #expect(
            node.receive(Self.offer(1), Self.link) == [
                .offered(Self.foreign, [[0]], from: toyPeer(2))
            ])
    }

    /// H-087.
    @Test func `foreign, forged and broken chains are bad frames`() {
        let others = OfferedEvent(id: Self.id(60), proof: Self.id(61), names: [toyPeer(9)])
        let gap = OfferedEvent(id: Self.id(62), proof: nil, names: [])
        let wrong = OfferedEvent(id: Self.id(1), proof: nil, names: [])
        for events in [
            [Self.create, others, Self.proof], [Self.create, Self.grant, gap], [wrong, Self.grant],
            [Self.create], [Self.grant],
        ] {
            var node = Self.node(events)
            let effects = node.receive(Self.offer(events.count), Self.link)
            #expect(effects.contains(.badFrame(Self.link, type: 43, server: Self.foreign)))
        }
        var node = Self.node([Self.create])
        let unread = node.receive(Self.offer(3), Self.link)
        #expect(unread.contains(.badFrame(Self.link, type: 43, server: Self.foreign)))
        let empty = node.receive(.offer(Self.foreign, []), Self.link)
        #expect(empty.contains(.badFrame(Self.link, type: 43, server: Self.foreign)))
    }

    @Test func `an offer of a server that is here is ignored`() {
        var node = Self.node([Self.create, Self.grant, Self.proof])
        node.hold(Self.foreign, members: [1])
        #expect(node.receive(Self.offer(3), Self.link).isEmpty)
    }

    @Test func `sixteen offers per peer and sixty-four in all are kept for seven days`() {
        var book = OfferBook()
        func add(_ server: Int, _ number: Int, _ now: Instant) -> Bool {
            let isFree = book.hasRoom(toyServer(server), toyPeer(number), now)
            if isFree { book.add(toyServer(server), toyPeer(number), now) }
            return isFree
        }
        var kept = 0
        for number in 0..<10 {
            for server in 0..<20 where add(number * 100 + server, number, .zero) { kept += 1 }
        }
        #expect(kept == 64)
        #expect(!add(9_999, 99, .zero + 1_000))
        #expect(add(9_999, 99, .zero + Limits.offerLife))
    }

    @Test func `a peer that does not know the server gets one offer per link`() throws {
        var node = SyncCoreTests.node()
        node.replica.held[SyncCoreTests.home]?.offer = [[1], [2]]
        _ = node.handle(toyUp(1, 2))
        let reject = SyncMessage.Reject(server: SyncCoreTests.home, about: 10, code: "notMember")
        let first = try toyMessages(node.receive(.reject(reject), Self.link))
        #expect(first == [.offer(SyncCoreTests.home, [[1], [2]])])
        _ = node.handle(.serverAdded(SyncCoreTests.home))
        #expect(try toyMessages(node.receive(.reject(reject), Self.link)).isEmpty)
        let granted = try toyMessages(node.handle(.grantStored(SyncCoreTests.home, toyPeer(2))))
        #expect(granted.map(\.type) == [10], "offered before, only greeted")
    }

    @Test func `a chain of proofs beyond a frame is offered as far as one goes`() throws {
        var node = SyncCoreTests.node()
        let large = (0..<5 as Range<UInt8>).map { [UInt8](repeating: $0, count: 60_000) }
        node.replica.held[SyncCoreTests.home]?.offer = large
        _ = node.handle(toyUp(1, 2))
        let reject = SyncMessage.Reject(server: SyncCoreTests.home, about: 10, code: "notMember")
        let sent = node.receive(.reject(reject), Self.link)
        #expect(try toyMessages(sent) == [.offer(SyncCoreTests.home, Array(large.prefix(2)))])
        for case .send(_, let frame) in sent { #expect(frame.count <= Limits.maxFrame) }
    }

    @Test func `a grant of a linked peer is offered and greeted at once`() throws {
        var node = SyncCoreTests.node(members: [1])
        node.replica.held[SyncCoreTests.home]?.offer = [[1]]
        #expect(try toyMessages(node.handle(toyUp(1, 2))).isEmpty)
        node.replica.held[SyncCoreTests.home]?.standings[toyPeer(2)] = .member
        let sent = try toyMessages(node.handle(.grantStored(SyncCoreTests.home, toyPeer(2))))
        #expect(sent.map(\.type) == [43, 10])
    }

    @Test func `the peers of a beginning are greeted, others are strangers`() throws {
        var node = ToyNode(1)
        node.hold(Self.foreign, members: [2])
        #expect(try toyMessages(node.handle(toyUp(1, 2))).map(\.type) == [10])
        #expect(try toyMessages(node.handle(toyUp(2, 3))).isEmpty)
        node.replica.held[Self.foreign]?.standings[toyPeer(3)] = .member
        #expect(try toyMessages(node.handle(.serverAdded(Self.foreign))).count == 2)
    }
}
