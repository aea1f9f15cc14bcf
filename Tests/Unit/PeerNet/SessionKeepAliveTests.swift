import PeerNet
import PeerState
import Testing

@Suite struct SessionKeepAliveTests {
    private static let frame: [UInt8] = [0x81, 0x0a]

    @Test func `a quiet link pings after 15 s and lives`() {
        var pair = SessionPair.opened()
        let start = pair.now
        var wakes = 0
        while pair.now < start + Milliseconds.seconds(300) {
            pair.advance(1_000)
            wakes += 1
            pair.exchange(
                fromDialler: pair.dialler.handle(.tick, now: pair.now),
                fromListener: pair.listener.handle(.tick, now: pair.now))
        }
        #expect(pair.dialler.isOpen && pair.listener.isOpen)
        #expect(pair.seenByDialler.count == 1, "pings stay inside")
    }

    @Test func `wakes come when they are needed, no oftener`() throws {
        var pair = SessionPair.opened()
        var times: [UInt64] = []
        let start = pair.now
        var wake = try #require(SessionPair.wake(pair.dialler.handle(.tick, now: pair.now)))
        // Nothing ever comes back.
        while !pair.dialler.isClosed {
            pair.now = wake
            times.append(wake.milliseconds(since: start) / 1_000)
            let effects = pair.dialler.handle(.tick, now: wake)
            if let next = SessionPair.wake(effects) { wake = next }
            if pair.dialler.isClosed { #expect(SessionPair.closing(effects) == .timeout) }
        }
        #expect(times == [15, 30, 45])
    }

    @Test func `a partial record is no sign of life`() {
        var pair = SessionPair.opened()
        for _ in 0..<44 {
            pair.advance(1_000)
            _ = pair.dialler.handle(.bytes([0xff]), now: pair.now)
        }
        pair.advance(1_000)
        #expect(SessionPair.closing(pair.dialler.handle(.tick, now: pair.now)) == .timeout)
    }

    @Test func `a pong measures the way`() {
        var pair = SessionPair.opened()
        pair.advance(15_000)
        let ping = SessionPair.bytes(pair.dialler.handle(.tick, now: pair.now))
        let pong = SessionPair.bytes(pair.listener.handle(.bytes(ping), now: pair.now))
        pair.advance(30)
        _ = pair.dialler.handle(.bytes(pong), now: pair.now)
        #expect(pair.dialler.roundTrip == 30)
    }

    @Test func `keys change after an hour and frames go on`() {
        var pair = SessionPair.opened()
        for second in 1...8_000 {
            pair.advance(1_000)
            if second.isMultiple(of: 10) { pair.send(Self.frame) }
            pair.exchange(
                fromDialler: pair.dialler.handle(.tick, now: pair.now),
                fromListener: pair.listener.handle(.tick, now: pair.now))
        }
        #expect(pair.seenByListener.count == 1 + 800)
        #expect(pair.dialler.isOpen && pair.listener.isOpen)
    }

    @Test func `keys change after so many records, in the middle of traffic`() {
        var pair = SessionPair.opened()
        pair.dialler.rekeyAfterRecords = 5
        pair.listener.rekeyAfterRecords = 3
        var rekeys = 0
        for _ in 0..<40 {
            let effects = pair.dialler.handle(.send(frame: Self.frame), now: pair.now)
            rekeys += effects.count - 1
            pair.exchange(fromDialler: effects)
            pair.exchange(
                fromListener: pair.listener.handle(.send(frame: Self.frame), now: pair.now))
        }
        #expect(rekeys == 7)
        #expect(pair.seenByListener.count == 41 && pair.seenByDialler.count == 41)
    }

    @Test func `a record under the old key is refused after rekey`() {
        var pair = SessionPair.opened()
        pair.dialler.rekeyAfterRecords = 1
        var old = pair.dialler
        old.rekeyAfterRecords = .max
        // Three records: a frame, the Rekey frame, a frame under the new key.
        pair.send(Self.frame)
        pair.send(Self.frame)
        // `old` has the counter of the fourth and the first key.
        for _ in 0..<3 { _ = old.handle(.send(frame: Self.frame), now: pair.now) }
        let bytes = SessionPair.bytes(old.handle(.send(frame: Self.frame), now: pair.now))
        #expect(
            SessionPair.closing(pair.listener.handle(.bytes(bytes), now: pair.now)) == .badFrame)
    }

    @Test func `the end of the connection is the end`() {
        var pair = SessionPair.opened()
        #expect(SessionPair.closing(pair.dialler.handle(.closed, now: pair.now)) == .linkClosed)
        #expect(pair.dialler.handle(.tick, now: pair.now).isEmpty)
    }
}
