import PeerNet
import PeerState
import PeerTesting
import Testing

/// How many handshakes others may begin, as values with virtual time.
@Suite struct HandshakeRatesTests {
    private static func second(_ number: UInt64) -> Instant { .zero + .seconds(number) }

    private static func admitted(
        _ rates: inout HandshakeRates, _ count: Int, _ now: Instant, isFamiliar: Bool = false,
        from host: (Int) -> String
    ) -> Int {
        (0..<count).count { rates.admit(host($0), isFamiliar: isFamiliar, now: now) }
    }

    @Test func `a flood of one host is cut to its rate and keeps nobody else out`() {
        var rates = HandshakeRates(now: .zero)
        let first = Self.admitted(&rates, 10_000, .zero) { _ in "10.0.0.1" }
        #expect(first == Int(Limits.handshakeBurstPerHost))
        for second in 1...60 as ClosedRange<UInt64> {
            let more = Self.admitted(&rates, 10_000, Self.second(second)) { _ in "10.0.0.1" }
            #expect(more == Int(Limits.handshakesPerHost))
            let other = Self.admitted(&rates, 1, Self.second(second)) { _ in "10.0.1.\(second)" }
            #expect(other == 1)
        }
    }

    @Test func `a flood of many hosts leaves room for hosts that asked for nothing lately`() {
        var rates = HandshakeRates(now: .zero)
        let hosts = 64
        _ = Self.admitted(&rates, 100_000, .zero) { "10.0.0.\($0 % hosts)" }
        for second in 1...60 as ClosedRange<UInt64> {
            let now = Self.second(second)
            let flood = Self.admitted(&rates, 100_000, now) { "10.0.0.\($0 % hosts)" }
            #expect(flood <= Int(Limits.handshakesPerSecond))
            let newcomers = Self.admitted(&rates, 32, now) { "10.\(second).0.\($0)" }
            #expect(newcomers == 32)
        }
    }

    @Test func `strangers in any number leave hosts of members their share`() {
        var rates = HandshakeRates(now: .zero)
        for second in 0...20 as ClosedRange<UInt64> {
            let now = Self.second(second)
            // Each from a host of its own.
            _ = Self.admitted(&rates, 5_000, now) { "10.\(second).\($0 / 250).\($0 % 250)" }
            #expect(Self.admitted(&rates, 1, now) { _ in "11.0.0.1" } == 0)
            let most = Int(Limits.handshakesPerSecond)
            let members = Self.admitted(&rates, most, now, isFamiliar: true) { "12.0.0.\($0)" }
            #expect(members == most)
            #expect(rates.hostCount <= Limits.handshakeHosts)
        }
    }

    @Test(arguments: [
        ("10.0.0.1", "10.0.0.1"), ("[2001:db8:1:2::1]", "2001:db8:1:2::/64"),
        ("[2001:db8:1:2:ffff::9]", "2001:db8:1:2::/64"), ("[::1]", "0:0:0:0::/64"),
        ("[fe80::1%eth0]", "[fe80::1%eth0]"), ("[fe80::1]", "[fe80::1]"), ("", ""),
        ("host.example", "host.example"),
    ])
    func `numbers of one network of IPv6 are one host`(_ host: String, _ name: String) {
        #expect(HostGroup.name(of: host) == name)
    }
}
