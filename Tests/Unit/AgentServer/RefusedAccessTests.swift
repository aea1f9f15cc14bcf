import AgentServer
import PeerState
import Testing

/// MCP 9.9: refused tokens leave one record an address and minute.
@Suite struct RefusedAccessTests {
    private static let minute: UInt64 = 60_000
    private static let start: UInt64 = 1_767_225_600_000

    @Test func `an address is told of once a minute, with all its tries`() {
        var refused = RefusedAccess()
        for second in 0..<5 as Range<UInt64> {
            #expect(refused.add("::1", "invalid", now: Self.start + second * 1_000) == nil)
        }
        #expect(refused.add("::1", "expired", now: Self.start + 6_000) == nil)
        #expect(refused.add("10.0.0.2", "invalid", now: Self.start) == nil)
        #expect(refused.take(before: Self.start + Self.minute - 1).isEmpty)
        let told = refused.take(before: Self.start + Self.minute)
        #expect(
            told == [
                [
                    "event": "access_refused", "address": "10.0.0.2",
                    "minute": "2026-01-01T00:00:00Z", "count": 1, "reason": "invalid",
                ],
                [
                    "event": "access_refused", "address": "::1",
                    "minute": "2026-01-01T00:00:00Z", "count": 6, "reason": "expired invalid",
                ],
            ])
        #expect(refused.isEmpty && refused.take(before: .max).isEmpty)
    }

    @Test func `the next minute is another record`() {
        var refused = RefusedAccess()
        #expect(refused.add("a", "invalid", now: Self.start) == nil)
        let first = refused.add("a", "invalid", now: Self.start + Self.minute)
        #expect(first?["count"] == 1 && first?["minute"] == "2026-01-01T00:00:00Z")
        #expect(refused.take(before: .max).map { $0["minute"] } == ["2026-01-01T00:01:00Z"])
    }

    @Test func `more addresses than are kept make room for one another`() {
        var refused = RefusedAccess()
        for number in 0..<RefusedAccess.addressesMax {
            #expect(refused.add("a\(number)", "invalid", now: Self.start) == nil)
        }
        #expect(refused.add("b", "invalid", now: Self.start)?["count"] == 1)
        #expect(refused.take(before: .max).count == RefusedAccess.addressesMax)
    }
}
