import PeerNode
import PeerState
import Testing

/// When an address is dialled again (reconnecting with growing waits; decision 0034 for rests).
@Suite struct DialPlanTests {
    private let address = "10.0.0.2:4646"
    private let peer = SigningKey(seed: [UInt8](repeating: 7, count: 32)).publicKey
    private var plan = DialPlan()
    private var entropy = Entropy.seeded(SeededRandom(seed: 5))
    private var now = Instant.zero + Milliseconds.seconds(100)

    init() {
        plan.add(address, isFixed: true)
    }

    /// Dials, is connected, and loses the link after a while; how long the next try then waits, ms.
    private mutating func linkThatLasts(_ life: Milliseconds) throws -> UInt64 {
        try #require(plan.due(now, linked: []) == [address])
        plan.connected(address, to: peer, now)
        now = now + life
        plan.closed(address, peer: peer, because: "lowScore", now, &entropy)
        return try wait()
    }

    /// Moves on to when the address is due; how long that took, ms.
    private mutating func wait() throws -> UInt64 {
        let due = try #require(plan.nextDue)
        let waited = due.milliseconds(since: now)
        now = due
        return waited
    }

    @Test mutating func `A peer that ends each link at once is dialled ever more rarely`() throws {
        var waits: [UInt64] = []
        for _ in 0..<9 { waits.append(try linkThatLasts(Milliseconds(50))) }
        for (index, wait) in waits.enumerated() {
            let base = min(60_000, UInt64(1_000) << UInt64(index))
            #expect((base...base * 3 / 2).contains(wait))
        }
    }

    @Test mutating func `A link that lasted starts the waits anew`() throws {
        for _ in 0..<5 { _ = try linkThatLasts(Milliseconds(50)) }
        #expect((1_000...1_500).contains(try linkThatLasts(Limits.linkProven)))
        #expect((2_000...3_000).contains(try linkThatLasts(Milliseconds(50))))
    }

    @Test mutating func `A link that another dial brought counts from when it was seen`() throws {
        for _ in 0..<5 { _ = try linkThatLasts(Milliseconds(50)) }
        #expect(plan.due(now, linked: [peer]).isEmpty)
        now = now + Limits.linkProven
        plan.closed("10.0.0.9:1", peer: peer, because: "linkClosed", now, &entropy)
        #expect((1_000...1_500).contains(try wait()))
    }

    @Test mutating func `A peer that rests is not dialled before, and a link ends the rest`()
        throws
    {
        _ = try linkThatLasts(Limits.linkProven)
        let end = now + Milliseconds.seconds(600)
        plan.rest(peer, until: end)
        #expect(plan.nextDue == end)
        plan.add(address)
        #expect(plan.nextDue == end)
        #expect(plan.due(now, linked: []).isEmpty)
        // It dialled itself.
        plan.connected(address, to: peer, now)
        now = now + Limits.linkProven
        plan.closed(address, peer: peer, because: "linkClosed", now, &entropy)
        #expect(plan.nextDue.map { $0 < end } == true)
    }

    @Test mutating func `Whoever operates the node may end a rest`() throws {
        _ = try linkThatLasts(Limits.linkProven)
        plan.rest(peer, until: now + Milliseconds.seconds(600))
        plan.add(address, identity: peer, isFixed: true)
        #expect(plan.due(now, linked: []) == [address])
    }

    @Test mutating func `A full plan lets go of what was tried in vain for a new address`() throws {
        let junk = (1..<Limits.dialTargets).map { "10.1.0.\($0):1" }
        for address in junk { plan.add(address) }
        plan.add("10.2.0.1:1")
        #expect(!plan.due(now, linked: []).contains("10.2.0.1:1"), "none was tried yet")
        for address in junk { plan.failed(address, because: "dialFailed", now, &entropy) }
        plan.failed(junk[3], because: "dialFailed", now, &entropy)
        plan.add("10.2.0.1:1")
        #expect(plan.due(now, linked: []) == ["10.2.0.1:1"])
        now = now + .seconds(200)
        let due = plan.due(now, linked: [])
        #expect(!due.contains(junk[3]) && Set(due) == Set(junk).subtracting([junk[3]]))
    }
}
