import PeerState
import PeerTesting
import Testing

/// HOSTILE H-032, H-035 and H-036: events that wait for others, perhaps for ever, stay bounded.
@Suite struct HostileWaitingTests {
    /// `count` events of one author, each pointing at the one before; the first at `prev`.
    static func chain(
        _ count: Int, after first: Forgery
    ) -> [Forgery] {
        var result = [first]
        guard case .unsigned(let seq) = first[.seq], case .unsigned(let lamport) = first[.lamport]
        else { return result }
        for step in 1..<UInt64(count) {
            let previous = result[result.count - 1]
            result.append(
                previous.with(.seq, .unsigned(seq + step))
                    .with(.prev, .bytes(previous.id.bytes)).with(.deps, .array([]))
                    .with(.lamport, .unsigned(lamport + step)))
        }
        return result
    }

    @Test func `H-032 H-079 a seq gap waits, bounded per author`() throws {
        var target = try TargetServer()
        let gap = target.next(1, []).with(.seq, .unsigned(9)).with(.prev, BodyField.id(0x55))
        let stranger = SigningKey(seed: [UInt8](repeating: 0x99, count: 32))
        #expect(target.receive(gap.envelope) == WireCode.missingPrev.word)
        #expect(target.replica.pending.count(of: target.owner.publicKey) == 1)
        var flood = Forgery(next: target.replica, by: stranger, kind: 1, [])
        flood[.prev] = BodyField.id(0x56)
        var first: Forgery?
        let excess = 20
        for seq in 0..<UInt64(Limits.pendingPerAuthor + excess) {
            flood[.seq] = .unsigned(2 + seq)
            first = first ?? flood
            #expect(target.receive(flood.envelope) == WireCode.missingPrev.word)
        }
        let pending = target.replica.pending
        #expect(pending.count(of: stranger.publicKey) == Limits.pendingPerAuthor)
        #expect(pending.count == Limits.pendingPerAuthor + 1, "others keep their places")
        // The oldest went, and may be brought again.
        let evicted = try #require(first)
        #expect(!target.replica.isKnown(evicted.id))
        #expect(target.receive(evicted.envelope) == WireCode.missingPrev.word)
        #expect(target.replica.pending.count(of: stranger.publicKey) == Limits.pendingPerAuthor)
    }

    @Test func `H-032 H-079 waiting events are bounded per link and in all`() throws {
        let target = try TargetServer()
        let template = target.next(1, []).payload
        let missing = try #require(Event.ID([UInt8](repeating: 0x55, count: 32)))
        let unsigned = [UInt8](repeating: 0, count: 64)
        var pending = Pending()
        var number: UInt64 = 0
        /// Another event by `author` over `link`; signatures are checked before events wait.
        func wait(author: UInt8, link: Pending.Source) throws {
            number += 1
            var payload = template
            payload.replaceSubrange(38..<70, with: [UInt8](repeating: author, count: 32))
            // The last bytes are those of wall_ms and the empty body.
            payload.replaceSubrange(
                payload.count - 5..<payload.count - 1,
                with: (0..<4).map { UInt8(truncatingIfNeeded: number >> (8 * $0)) })
            let envelope = try Envelope(
                decoding: Forgery.envelope(payload, signature: unsigned))
            pending.wait(
                try Event(decoding: envelope), envelope, source: link, for: missing)
        }
        for step in 0..<Limits.pendingPerLink + 20 { try wait(author: UInt8(step % 2), link: 1) }
        #expect(pending.count == Limits.pendingPerLink)
        for step in 0..<Limits.pendingTotal {
            try wait(author: UInt8(step % 200), link: UInt64(2 + step % 50))
        }
        #expect(pending.count == Limits.pendingTotal)
        try wait(author: 201, link: 99)
        #expect(pending.count == Limits.pendingTotal)
        let newest = try #require(Peer.ID([UInt8](repeating: 201, count: 32)))
        #expect(pending.count(of: newest) == 1, "the oldest went, not the newest")
    }

    @Test func `H-035 what waits for ever holds nothing else up`() throws {
        var target = try TargetServer()
        let unknown = BodyField.id(0x44)
        let channel = HostileEventTests.channel("general")
        let lost = [
            target.bobsNext(1, []).with(.deps, .array([unknown])),
            target.bobsNext(52, [unknown, .text("name")]),
            target.bobsNext(11, [BodyField.id(1), .array([.unsigned(1), unknown]), .text("")]),
            target.bobsNext(33, [.bytes(target.bobsGrant.bytes), .array([unknown]), .null]),
        ]
        for event in lost { #expect(target.receive(event.envelope) == WireCode.missingDeps.word) }
        #expect(target.replica.pending.count == lost.count)
        for _ in 0..<20 { #expect(target.receive(target.next(50, channel).envelope) == nil) }
        #expect(target.receive(target.bobsNext(1, []).envelope) == nil)
        #expect(target.replica.pending.count == lost.count)
    }

    @Test func `H-036 events that name each other's guessed ids wait and end`() throws {
        var target = try TargetServer()
        // An id covers what it names, so a circle cannot be closed: each guess is another id.
        var guess = BodyField.id(0x33)
        var names: [Event.ID] = []
        for _ in 0..<200 {
            let event = target.bobsNext(1, []).with(.deps, .array([guess]))
            #expect(target.receive(event.envelope) == WireCode.missingDeps.word)
            guess = .bytes(event.id.bytes)
            names.append(event.id)
        }
        #expect(target.replica.pending.count == names.count)
        #expect(target.receive(target.next(1, []).envelope) == nil)
        #expect(target.replica.state.graph.count == 3)
    }

    @Test func `H-036 a long chain that arrives backwards is taken without recursion`() throws {
        var target = try TargetServer()
        let chain = Self.chain(Limits.pendingPerAuthor, after: target.next(1, []))
        for event in chain.dropFirst().reversed() {
            #expect(target.receive(event.envelope) == WireCode.missingPrev.word)
        }
        let verdict = target.replica.receive(
            chain[0].envelope, wallMilliseconds: TargetServer.wall)
        guard case .stored(let stored) = verdict else {
            Issue.record("\(verdict)")
            return
        }
        #expect(stored.map(\.event.id) == chain.map(\.id))
        #expect(target.replica.pending.count == 0)
    }
}
