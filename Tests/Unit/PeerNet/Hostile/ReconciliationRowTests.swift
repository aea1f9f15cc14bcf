import PeerNet
import PeerState
import PeerTesting
import Testing

/// HOSTILE "Sync and gossip": those who lie while ranges are compared.
@Suite struct ReconciliationRowTests {
    static let home = SyncCoreTests.home
    static let link = SyncCoreTests.link
    private static let many = Limits.compactFrontierAuthors + 1

    /// A node of so many authors that heads are compared by ranges, linked to peer 2.
    private static func node(isDialler: Bool) -> ToyNode {
        var node = SyncCoreTests.node()
        for number in 0..<many {
            _ = node.replica.insert(toyChain(toyPeer(10_000 + number), home, 1)[0])
        }
        _ = node.handle(
            .linkUp(
                link, peer: toyPeer(2), incarnation: toyIncarnation(2), isDialler: isDialler))
        return node
    }

    private static func neg(
        _ exchange: UInt64, first: Bool = false, _ bytes: [UInt8], scope: NegScope = .heads
    ) -> SyncMessage {
        .neg(
            home,
            SyncMessage.Neg(
                scope: scope, exchange: exchange,
                salt: first ? [UInt8](repeating: 3, count: Limits.negSalt) : nil, bytes: bytes))
    }

    /// One fingerprint of everything that is nobody's.
    private static func different(_ round: Int) -> [UInt8] {
        [0x61, 0, 0, 1] + [UInt8](repeating: UInt8(truncatingIfNeeded: round), count: 16)
    }

    private static func exchange(_ effects: [SyncCore.Effect]) throws -> SyncMessage.Neg? {
        for case .neg(_, let neg) in try toyMessages(effects) { return neg }
        return nil
    }

    private static func heads(_ effects: [SyncCore.Effect]) throws -> [SyncMessage.HeadsDelta] {
        try toyMessages(effects).compactMap {
            if case .headsDelta(_, let delta) = $0 { delta } else { nil }
        }
    }

    private static func delivers(_ effects: [SyncCore.Effect]) -> Bool {
        effects.contains { if case .deliver = $0 { true } else { false } }
    }

    @Test func `H-072 a fingerprint that always differs ends, and heads are used instead`() throws {
        var node = Self.node(isDialler: true)
        let began = node.receive(SyncCoreTests.hello([:]), Self.link)
        let id = try #require(try Self.exchange(began)).exchange
        var (rounds, effects) = (0, began)
        while try Self.exchange(effects) != nil {
            #expect(try #require(try Self.exchange(effects)).bytes.count <= Limits.maxNegBytes)
            rounds += 1
            try #require(rounds <= Limits.negRounds + 1)
            effects = node.receive(Self.neg(id, Self.different(rounds)), Self.link)
            #expect(!Self.delivers(effects))
        }
        #expect(rounds == Limits.negRounds + 1, "the first message and one for each round")
        #expect(effects.contains(.badFrame(Self.link, type: 14, server: Self.home)))
        let told = try Self.heads(effects)
        #expect(told.reduce(0) { $0 + $1.entries.count } == Self.many)
        #expect(told.allSatisfy { $0.base == nil })
        // Nor is it tried again on this link.
        let later = node.handle(
            .frame(Self.link, SyncCoreTests.hello([:]).bytes),
            at: Limits.ownWantPeriod.count + 1)
        #expect(try Self.exchange(later) == nil)
        #expect(try Self.heads(later).reduce(0) { $0 + $1.entries.count } == Self.many)
    }

    @Test func `H-072 silence in an exchange ends it, and heads are used instead`() throws {
        var node = Self.node(isDialler: true)
        let began = node.receive(SyncCoreTests.hello([:]), Self.link)
        _ = try #require(try Self.exchange(began))
        let due = Limits.negRoundTimeout.count
        #expect(try Self.heads(node.handle(.timer, at: due - 1)).isEmpty)
        let ended = node.handle(.timer, at: due)
        #expect(ended.contains(.unmet(Self.link, Self.home)))
        #expect(try Self.heads(ended).reduce(0) { $0 + $1.entries.count } == Self.many)
    }

    @Test func `H-072 who asks without end is refused after 64 rounds`() throws {
        var node = Self.node(isDialler: true)
        var effects = node.receive(Self.neg(2, first: true, Self.different(0)), Self.link)
        var rounds = 0
        while let answer = try Self.exchange(effects) {
            rounds += 1
            try #require(rounds <= Limits.negRounds)
            #expect(answer.bytes.count <= Limits.maxNegBytes)
            effects = node.receive(Self.neg(2, Self.different(rounds)), Self.link)
        }
        #expect(rounds == Limits.negRounds)
        #expect(try SyncReconcileTests.rejects(effects) == ["badNeg"])
    }

    /// Below the lower one, overlapping, after infinity, of too many bytes.
    private static let disordered: [[UInt8]] = [
        [0x61, 5, 1, 9, 0, 1, 1, 8, 0],
        [0x61, 9, 2, 7, 7, 0, 1, 2, 7, 6, 1] + [UInt8](repeating: 0, count: 16),
        [0x61, 0, 0, 0, 2, 0, 0],
        [0x61, 5, 33] + [UInt8](repeating: 0, count: 34),
        [0x61, 0, 1, 9, 0],
    ]

    /// One id and none, 2³⁵ of them, 2⁶³ of them.
    private static let lying: [[UInt8]] = [
        [0x61, 5, 0, 2, 1],
        [0x61, 0, 0, 2, 2] + [UInt8](repeating: 1, count: 63),
        [0x61, 0, 0, 2, 0x81, 0x80, 0x80, 0x80, 0x80, 0x00],
        [0x61, 0, 0, 2, 0x81] + [UInt8](repeating: 0x80, count: 8) + [0x00],
    ]

    @Test(arguments: disordered)
    func `H-073 bounds out of order, below the lower one, overlapping`(bytes: [UInt8]) throws {
        try Self.expectRefused(bytes)
    }

    @Test(arguments: lying)
    func `H-074 an id list whose count lies`(bytes: [UInt8]) throws {
        try Self.expectRefused(bytes)
    }

    /// As a first message, and in an exchange that goes on; by either side.
    private static func expectRefused(_ bytes: [UInt8]) throws {
        var fresh = node(isDialler: true)
        let (first, cost) = Cost.counting {
            fresh.receive(neg(2, first: true, bytes), link)
        }
        #expect(cost.hashes == 0 || !Cost.isCounted, "nothing was named for it")
        #expect(try SyncReconcileTests.rejects(first) == ["badNeg"])
        #expect(first.contains(.badFrame(link, type: 14, server: home)))

        var answering = node(isDialler: true)
        _ = answering.receive(neg(2, first: true, different(1)), link)
        let (later, more) = Cost.counting { answering.receive(neg(2, bytes), link) }
        #expect(more.hashes == 0 || !Cost.isCounted)
        #expect(try SyncReconcileTests.rejects(later) == ["badNeg"])

        var asking = node(isDialler: true)
        let began = asking.receive(SyncCoreTests.hello([:]), link)
        let id = try #require(try exchange(began)).exchange
        let refused = asking.receive(neg(id, bytes), link)
        #expect(try SyncReconcileTests.rejects(refused) == ["badNeg"])
        #expect(try exchange(refused) == nil && !delivers(refused))
    }

    @Test func `H-081 ids ground to hide in a sum do not under the salt of an exchange`() throws {
        // Two sets of one size whose ids add up to the same number.
        func id(_ low: UInt8, _ index: UInt8) throws -> Event.ID {
            var bytes = [UInt8](repeating: index, count: 32)
            bytes[0] = low
            return try #require(Event.ID(bytes))
        }
        let common = try (0..<40).map { try id(100, UInt8($0)) }
        let left = common + [try id(1, 50), try id(9, 51)]
        let right = common + [try id(4, 50), try id(6, 51)]
        func differences(_ salt: [UInt8]?) throws -> Int {
            func items(_ ids: [Event.ID]) -> NegItems {
                NegItems(
                    ids.map { id in
                        NegItem(key: 5, id: salt.map { NegID.salted(id, $0) } ?? NegID(id))
                    })
            }
            let asking = Reconciliation(items: items(left), role: .initiator)
            let answering = Reconciliation(items: items(right), role: .responder)
            var found: Set<NegID> = []
            // The first bucket holds the ground ids of either set.
            var message = asking.start()
            for _ in 0..<Limits.negRounds {
                guard let answer = try answering.answer(message).reply, answer.count > 1 else {
                    break
                }
                let step = try asking.answer(answer)
                found.formUnion(step.have + step.need)
                guard let next = step.reply else { break }
                message = next
            }
            return found.count
        }
        #expect(try differences(nil) == 0, "the sums are equal")
        #expect(try differences([UInt8](repeating: 8, count: 32)) == 4)
    }

    @Test func `H-081 each exchange has a salt of its own, and heads show what was hidden`()
        throws
    {
        var salts: Set<[UInt8]> = []
        for link in UInt64(1)...3 {
            var node = Self.node(isDialler: true)
            for other in 2...link + 1 where other > 2 {
                _ = node.handle(toyUp(other, Int(other)))
            }
            let began = node.receive(SyncCoreTests.hello([:]), Self.link)
            let opening = try #require(try Self.exchange(began))
            salts.insert(try #require(opening.salt))
            // "Equal", says the liar; his announcement of one head shows a gap all the same.
            let quiet = node.receive(Self.neg(opening.exchange, [0x61]), Self.link)
            #expect(try Self.exchange(quiet) == nil)
            let hidden = toyChain(toyPeer(10_000), Self.home, 5)
            let wants = try SyncCoreTests.wants(
                node.receive(
                    SyncCoreTests.announcement(
                        [(toyPeer(10_000), SyncCoreTests.head(hidden[4]))]), Self.link))
            #expect(
                wants.map(\.ranges) == [[SeqRange(author: toyPeer(10_000), from: 2, to: 5)]],
                "one repair")
            let again = node.handle(
                .reconcile(Self.home, .heads, Self.link), at: Limits.ownWantPeriod.count)
            if let neg = try Self.exchange(again) { salts.insert(try #require(neg.salt)) }
        }
        #expect(salts.count >= 2)
    }
}
