import PeerState
import Testing

/// Random bytes where the source behind them repeats itself.
@Suite struct HedgedEntropyTests {
    /// Gives the same bytes for ever, and counts.
    private final class Stuck: EntropySource {
        private let drawn = Locked<UInt64>(0)

        func draw() -> (bytes: [UInt8], number: UInt64) {
            let number = drawn.withLock { count in
                count += 1
                return count
            }
            return ([UInt8](repeating: 7, count: 32), number)
        }
    }

    @Test func `a source that repeats itself gives no bytes twice`() {
        var entropy = Entropy.drawn(Stuck())
        var part = entropy.split()
        let drawn = (0..<50).map { $0 % 2 == 0 ? entropy.bytes(24) : part.bytes(24) }
        #expect(Set(drawn).count == 50)
        #expect(Set((0..<50).map { _ in entropy.next() }).count == 50)
    }

    @Test(arguments: [0, 1, 24, 32, 33, 64, 1_000])
    func `as many bytes come as were asked for`(count: Int) {
        var (drawn, system) = (Entropy.drawn(Stuck()), Entropy.system)
        #expect(drawn.bytes(count).count == count)
        #expect(system.bytes(count).count == count)
    }

    @Test func `blocks of one draw differ`() {
        var entropy = Entropy.drawn(Stuck())
        let bytes = entropy.bytes(96)
        let blocks = Set([0, 32, 64].map { Array(bytes[$0..<$0 + 32]) })
        #expect(blocks.count == 3)
        #expect(!blocks.contains([UInt8](repeating: 7, count: 32)))
    }
}
