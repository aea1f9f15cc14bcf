import PeerNet
import PeerState
import Testing

@Suite struct LANDiscoveryTests {
    static func moment(_ milliseconds: UInt64) -> Moment {
        Moment(
            monotonic: .zero + Milliseconds(milliseconds),
            wallMilliseconds: 1_710_000_000_000 + milliseconds)
    }

    static func node(_ number: UInt64, network: String = "main") -> LANDiscovery {
        LANDiscovery(
            network: network, port: UInt16(4_000 + number), random: Seed(number).stream("lan"))
    }

    static func beacon(_ node: inout LANDiscovery, at time: UInt64 = 0) -> [UInt8]? {
        for case .multicast(let bytes) in node.handle(.timer, now: moment(time)) { return bytes }
        return nil
    }

    @Test func `two nodes of one network dial each other once`() throws {
        var first = Self.node(1)
        var second = Self.node(2)
        let packet = try #require(Self.beacon(&first))
        #expect(packet.count <= 64)
        let dialled = second.handle(.packet(packet, host: "10.0.0.1"), now: Self.moment(0))
        #expect(dialled == [.dial(address: "10.0.0.1:4001")])
        #expect(second.handle(.packet(packet, host: "10.0.0.1"), now: Self.moment(1)).isEmpty)
        #expect(first.handle(.packet(packet, host: "10.0.0.1"), now: Self.moment(1)).isEmpty)
        let hourLater = Self.moment(3_600_000)
        var third = Self.node(3)
        #expect(!third.handle(.packet(packet, host: "[fe80::1]"), now: hourLater).isEmpty)
        var other = Self.node(4, network: "test")
        #expect(other.handle(.packet(packet, host: "10.0.0.1"), now: Self.moment(0)).isEmpty)
        #expect(other.ignored == 1)
    }

    @Test func `beacons come at start and every half to one and a half period`() {
        var node = Self.node(5)
        var time: UInt64 = 0
        for _ in 0..<50 {
            #expect(Self.beacon(&node, at: time) != nil)
            #expect(Self.beacon(&node, at: time) == nil)
            let next = node.nextDeadline.milliseconds(since: .zero)
            #expect((15_000...45_000).contains(next - time))
            time = next
        }
    }

    @Test func `a flood of instances is dialled 8 times a minute`() {
        var node = Self.node(6)
        var dials = 0
        for number in UInt64(100)..<200 {
            var other = Self.node(number)
            guard let packet = Self.beacon(&other) else { continue }
            dials += node.handle(.packet(packet, host: "10.0.0.9"), now: Self.moment(0)).count
        }
        #expect(dials == 8)
    }

    @Test func `what is no beacon is ignored`() throws {
        let good = LANBeacon(tag: 1, port: 65_535, instance: .max)
        #expect(try LANBeacon(decoding: good.bytes) == good)
        for length in 0..<good.bytes.count {
            #expect(throws: Failure<WireCode>.self) {
                try LANBeacon(decoding: Array(good.bytes.prefix(length)))
            }
        }
        #expect(throws: Failure<WireCode>.self) {
            try LANBeacon(decoding: good.bytes + Array(repeating: 0, count: 60))
        }
        var node = Self.node(7)
        #expect(node.handle(.packet([1, 2, 3], host: "x"), now: Self.moment(0)).isEmpty)
        #expect(node.ignored == 1)
    }
}
