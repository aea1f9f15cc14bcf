import PeerNet
import PeerState
import Testing

@Suite struct MemoryNetworkTests {
    /// Runs until nothing is left, and returns what happened.
    static func drain(_ network: inout MemoryNetwork) -> [MemoryNetwork.Occurrence] {
        var result: [MemoryNetwork.Occurrence] = []
        while let next = network.next() { result.append(next) }
        return result
    }

    /// Connects nodes that no partition separates.
    static func link(
        _ network: inout MemoryNetwork, _ from: Int, _ to: Int
    ) throws -> (dialler: LinkID, listener: LinkID) {
        let link = network.connect(from: from, to: to)
        return try #require(link)
    }

    static func bytes(_ all: [MemoryNetwork.Occurrence], at link: LinkID) -> [UInt8] {
        all.reduce(into: []) { result, one in
            if case .bytes(link, let bytes) = one.event { result += bytes }
        }
    }

    @Test(arguments: [1, 3, Int.max])
    func `bytes arrive in order in pieces of any size`(chunk: Int) throws {
        for number in 0..<20 {
            let seed = Seed(UInt64(number))
            var network = MemoryNetwork(
                seed: seed, conditions: MemoryConditions(slowOneIn: 5, chunkMax: chunk))
            let (dialler, listener) = try Self.link(&network, 0, 1)
            let sent = (0..<200).map { UInt8($0) }
            for start in stride(from: 0, to: 200, by: 10) {
                network.send(Array(sent[start..<start + 10]), on: dialler)
                network.send([sent[start]], on: listener)
            }
            let all = Self.drain(&network)
            #expect(Self.bytes(all, at: listener) == sent, "seed \(seed)")
            #expect(Self.bytes(all, at: dialler).count == 20)
            #expect(
                all.first { $0.node == 1 }?.event == .opened(listener, isDialler: false, peer: 0))
            #expect(zip(all, all.dropFirst()).allSatisfy { $0.now <= $1.now })
        }
    }

    @Test func `closing lets what was sent arrive, then tells the other end once`() throws {
        var network = MemoryNetwork(seed: Seed(7))
        let (dialler, listener) = try Self.link(&network, 0, 1)
        network.send([1, 2, 3], on: dialler)
        network.close(dialler)
        network.send([4], on: dialler)
        let all = Self.drain(&network)
        #expect(Self.bytes(all, at: listener) == [1, 2, 3])
        #expect(all.filter { $0.event == .closed(listener) }.count == 1)
        #expect(!all.contains { $0.event == .closed(dialler) })
        #expect(network.openLinks.isEmpty)
    }

    @Test func `a cut loses what is on its way and both ends hear of it`() throws {
        var network = MemoryNetwork(seed: Seed(8))
        let (dialler, listener) = try Self.link(&network, 0, 1)
        network.send([1], on: dialler)
        network.cut(listener)
        let all = Self.drain(&network)
        #expect(Self.bytes(all, at: listener).isEmpty)
        #expect(all.filter { $0.event == .closed(listener) }.count == 1)
        #expect(all.filter { $0.event == .closed(dialler) }.count == 1)
    }

    @Test func `a partition cuts across, refuses dials and heals`() throws {
        var network = MemoryNetwork(seed: Seed(9))
        let across = try Self.link(&network, 0, 1)
        let inside = try Self.link(&network, 1, 2)
        network.partition([[0], [1, 2]])
        let refused = network.connect(from: 0, to: 2)
        #expect(refused == nil)
        network.send([5], on: inside.dialler)
        let all = Self.drain(&network)
        #expect(all.contains { $0.event == .closed(across.dialler) })
        #expect(all.contains { $0.event == .dialFailed(peer: 2) && $0.node == 0 })
        #expect(Self.bytes(all, at: inside.listener) == [5])
        network.heal()
        let healed = network.connect(from: 0, to: 2)
        #expect(healed != nil)
    }

    @Test func `a silent partition holds bytes and the close behind them`() throws {
        var network = MemoryNetwork(seed: Seed(10))
        let (dialler, listener) = try Self.link(&network, 0, 1)
        network.partition([[0], [1]], isSilent: true)
        network.send([1, 2], on: dialler)
        network.close(dialler)
        #expect(Self.bytes(Self.drain(&network), at: listener).isEmpty)
        network.heal()
        let all = Self.drain(&network)
        #expect(Self.bytes(all, at: listener) == [1, 2])
        #expect(all.last?.event == .closed(listener))
    }

    @Test func `one seed gives one run and another seed another`() throws {
        func run(_ seed: Seed) throws -> [MemoryNetwork.Occurrence] {
            var network = MemoryNetwork(seed: seed)
            for node in 1..<6 {
                let link = try Self.link(&network, 0, node)
                network.send([UInt8(node)], on: link.dialler)
                network.schedule(node, at: .zero + 5)
            }
            return Self.drain(&network)
        }
        #expect(try run(Seed(3)) == run(Seed(3)))
        #expect(try run(Seed(3)) != run(Seed(4)))
    }

    @Test func `streams of a seed are independent of each other`() {
        var draws: Set<UInt64> = []
        for subject in UInt64(0)..<50 {
            for ordinal in UInt64(0)..<50 {
                var random = Seed(1).stream("x", subject, ordinal)
                draws.insert(random.next())
            }
        }
        #expect(draws.count == 2_500)
        var first = Seed(1).stream("x", 3, 4)
        var again = Seed(1).stream("x", 3, 4)
        #expect(first.next() == again.next())
        var other = Seed(1).stream("y", 3, 4)
        var fresh = Seed(1).stream("x", 3, 4)
        #expect(fresh.next() != other.next())
    }

    @Test func `half of the delays are below the median`() throws {
        var network = MemoryNetwork(seed: Seed(11), conditions: MemoryConditions(medianDelay: 100))
        var below = 0
        for _ in 0..<2_000 {
            _ = network.connect(from: 0, to: 1)
        }
        for one in Self.drain(&network) where one.node == 0 {
            if one.now < .zero + 100 { below += 1 }
        }
        #expect((800...1_200).contains(below), "\(below) of 2,000")
    }

    @Test func `each node's wall clock has its own skew`() {
        var clock = VirtualClock(start: 1_000)
        clock.skew = [1: 500, 2: -5_000, 3: .min, 4: .max]
        let now = Instant.zero + 100
        #expect(clock.moment(of: 0, at: now).wallMilliseconds == 1_100)
        #expect(clock.moment(of: 1, at: now).wallMilliseconds == 1_600)
        #expect(clock.moment(of: 2, at: now).wallMilliseconds == 0)
        #expect(clock.moment(of: 3, at: now).wallMilliseconds == 0)
        #expect(clock.moment(of: 4, at: now).wallMilliseconds == UInt64(Int64.max))
        #expect(clock.moment(of: 1, at: now).monotonic == now)
    }
}
